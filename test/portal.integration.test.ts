/** The lines of `docs/portal.md`, as they stand there: they compile, and a program of them does what it says. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makePortal } from './support/portal.ts'
import { freePort, startServer, type Program } from './support/processes.ts'

const ROOT = join(import.meta.dirname, '..')
const run = promisify(execFile)

let folder = ''
let server: Program | null = null
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'andon-portal-'))))
afterEach(async () => {
  await server?.kill()
  server = null
  rmSync(folder, { recursive: true, force: true })
})

it('a portal on Node says what it has to say once, however often it is started', async () => {
  const portal = join(folder, 'portal')
  mkdirSync(portal)
  const { program, url } = await startServer(join(folder, 'site'), await freePort())
  server = program
  makePortal(portal, url)
  const compiled = await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', portal]).catch(
    ({ stdout }: { readonly stdout: string }) => ({ stdout }),
  )
  expect(compiled.stdout).toBe('')

  const start = async () => {
    const { stdout } = await run(process.execPath, ['program.ts'], { cwd: portal })
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  }
  const first = await start()
  expect(first).toContainEqual(expect.objectContaining({ kind: 'result', ref: 'portal-1', outcome: 'applied' }))
  const again = await start()
  const snapshot = again.findLast(({ kind }) => kind === 'snapshot') as {
    readonly view: { readonly events: readonly { readonly data: unknown }[] }
  }
  expect(snapshot.view.events.map(({ data }) => data)).toEqual([{ line: 'line-3', text: 'From the portal' }])
})

it('nothing else of the package can be imported', async () => {
  makePortal(folder, '')
  const script = "import('andon/relay/core/engine.ts').then(() => 'in', (error) => error.code).then(console.log)"
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder })
  expect(stdout.trim()).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
})
