/** A build of an earlier commit beside this checkout, to be run against today's. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const MAX_ARCHIVE_BYTES = 256 * 1024 * 1024

export interface OlderBuild {
  readonly root: string
  remove(): Promise<void>
}

/**
 * The files of `commit` in a folder of their own, on the packages of this checkout. Null where the history is not there (a
 * shallow clone, a packed source): whoever asked has to say aloud that it did not run.
 */
export async function olderBuild(commit: string): Promise<OlderBuild | null> {
  const git = (...args: readonly string[]) => spawnSync('git', args, { cwd: ROOT, maxBuffer: MAX_ARCHIVE_BYTES })
  if (!existsSync(join(ROOT, '.git')) || git('cat-file', '-e', `${commit}^{commit}`).status !== 0) return null
  // No `git worktree`: that would write into the repository whose tests these are.
  const archive = git('archive', '--format=tar', commit, 'package.json', 'build', 'relay', 'server')
  if (archive.status !== 0) return null
  const root = await mkdtemp(join(tmpdir(), 'andon-older-'))
  await writeFile(join(root, 'build.tar'), archive.stdout)
  const { status, stderr } = spawnSync('tar', ['-xf', 'build.tar'], { cwd: root })
  if (status !== 0) throw new Error(`The older build could not be unpacked: ${stderr.toString()}`)
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'dir')
  return { root, remove: () => rm(root, { recursive: true, force: true }) }
}
