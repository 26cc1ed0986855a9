import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { freePort, isLive, startServer, type Line, type Program } from '../test/support/processes.ts'

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))
const PIECE = Buffer.alloc(4_096, '.')

let folder = ''
let server: Program | null = null
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-unread-'))
})
afterEach(async () => {
  await server?.kill()
  await rm(folder, { recursive: true, force: true })
})

/** A pipe that is full before anybody writes into it, as when its reader stands still. */
function fullPipe(): { readonly ours: number; readonly theirs: number } {
  const path = join(folder, 'log')
  spawnSync('mkfifo', [path])
  const ours = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  // Opened apart: a write to theirs waits, as one to any pipe of a shell does.
  const theirs = openSync(path, constants.O_RDWR)
  try {
    for (;;) writeSync(ours, PIECE)
  } catch {
    return { ours, theirs } // it takes no more
  }
}

/** Empties the pipe, as far as there is something. */
function drained(fd: number): string {
  const bytes = Buffer.alloc(65_536)
  let text = ''
  try {
    for (;;) text += bytes.toString('utf8', 0, readSync(fd, bytes))
  } catch {
    return text
  }
}

it.skipIf(process.platform === 'win32')(
  '[V20] a relay whose log nobody reads goes on, and says what it had to say to a reader that comes back',
  async () => {
    const port = await freePort()
    const { program, url } = await startServer(join(folder, 'server'), port)
    server = program
    const pipe = fullPipe()
    const relay = spawn(process.execPath, [CLI, '--server', url, '--data', join(folder, 'relay'), '--linger'], {
      env: { ...process.env, ANDON_LOG: 'debug' },
      stdio: ['pipe', 'pipe', pipe.theirs],
    })
    try {
      const { stdin, stdout } = relay
      if (stdin === null || stdout === null) throw new Error('spawned without pipes')
      const lines = createInterface({ input: stdout })
      const said = lines[Symbol.asyncIterator]()
      const until = async (fits: (line: Line) => boolean): Promise<Line> => {
        for (;;) {
          const { value, done } = await said.next()
          if (done === true) throw new Error('it ended')
          const line = JSON.parse(value) as Line
          if (fits(line)) return line
        }
      }
      await until(isLive)
      // It has something to say about that.
      await program.kill()
      await until((line) => line.kind === 'status' && line['state'] !== 'live')
      server = (await startServer(join(folder, 'server'), port)).program
      await until(isLive)
      const alert = { priority: 'P0', area: 'line-3', title: 'Fire' }
      stdin.write(`${JSON.stringify({ ref: 'a', command: 'alert.raise', data: alert })}\n`)
      expect(await until(({ kind }) => kind === 'result')).toMatchObject({ ref: 'a' })
      expect(drained(pipe.ours)).not.toContain('{')
      await expect.poll(() => drained(pipe.ours)).toContain('"level"')
      const gone = once(relay, 'exit')
      relay.kill('SIGTERM')
      expect(await gone).toEqual([0, null])
    } finally {
      relay.kill('SIGKILL')
      closeSync(pipe.ours)
      closeSync(pipe.theirs)
    }
  },
)
