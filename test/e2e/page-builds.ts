import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/** Builds of the web UI from the sources as they are, which differ in their name only. */
export class PageBuilds {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async make(names: readonly string[]): Promise<PageBuilds> {
    const builds = new PageBuilds(await mkdtemp(join(tmpdir(), 'andon-builds-')))
    for (const name of names) await build(name, builds.path(name))
    return builds
  }

  /** Folder of one of them, for `--pages`. */
  path(name: string): string {
    return join(this.#folder, name)
  }

  async dispose(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}

async function build(name: string, folder: string): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'build/pages.mjs'), '--quiet', '--out', folder], {
    cwd: ROOT,
    env: { ...process.env, ANDON_BUILD: name, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(-4000)))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`the pages could not be built: ${words}`)
}
