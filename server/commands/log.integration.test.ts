import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants, createReadStream, openSync, closeSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { plainEnvironment, track, useFolder } from '../testing/command-processes.ts'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))
/** Each leaves a line of about 180 bytes at `debug`: together more than a pipe (64 KB) or a socket (208 KB) takes. */
const REQUESTS = 1_500

const folder = useFolder()

/** A server whose stderr nobody reads until `reader` is called. */
interface Unread {
  readonly child: ChildProcess
  readonly reader: () => Readable
}

function start(stderr: 'pipe' | number): ChildProcess {
  const args = [CLI, 'server', '--port', '0', '--demo', '--log-level', 'debug']
  const env = plainEnvironment()
  return track(spawn(process.execPath, args, { cwd: folder(), env, stdio: ['ignore', 'pipe', stderr] }))
}

/** What `child_process` and systemd hand over. */
function withSocket(): Unread {
  const child = start('pipe')
  const { stderr } = child
  if (stderr === null) throw new Error('spawned without stderr')
  return { child, reader: () => stderr }
}

/** What a shell and most container runtimes hand over. */
function withFifo(): Unread {
  const path = join(folder(), 'log')
  spawnSync('mkfifo', [path])
  // Open for both, as nobody else opens it for reading.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const child = start(fd)
  return {
    child,
    reader: () => {
      const stream = createReadStream(path)
      stream.once('open', () => closeSync(fd))
      return stream
    },
  }
}

describe('[V20] a server whose log nobody reads', () => {
  it('answers all the same, and loses no line to a reader that comes back (a socket)', async () => {
    const { child, reader } = withSocket()
    const url = await listening(child)
    await request(url, REQUESTS)
    child.kill('SIGTERM')
    const answered = await answersIn(reader())
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(0)
    expect(answered).toBe(REQUESTS)
  })

  it('answers all the same, and ends when it is told (a FIFO)', async () => {
    const { child, reader } = withFifo()
    const url = await listening(child)
    await request(url, REQUESTS)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await answersIn(reader())).toBeGreaterThan(100)
  })
})

it('[V20] a server that is told to be silent says what ended it all the same', async () => {
  const crash = `data:text/javascript,process.on('SIGUSR2', () => { throw new Error('boom') })`
  const args = ['--import', crash, CLI, 'server', '--port', '0', '--demo', '--log-level', 'silent']
  const env = plainEnvironment()
  const child = track(spawn(process.execPath, args, { cwd: folder(), env, stdio: ['ignore', 'pipe', 'pipe'] }))
  await listening(child)
  const said = text(child.stderr)
  child.kill('SIGUSR2')
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(JSON.parse(await said)).toMatchObject({ event: 'crashed', cause: { message: 'boom' } })
})

/** Lines about answered requests, up to the end; the last may be cut where the pipe was full. */
async function answersIn(stream: Readable): Promise<number> {
  let count = 0
  for await (const line of createInterface(stream)) if (line.includes('"event":"http-answered"')) count += 1
  return count
}

async function listening({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('spawned without stdout')
  const [line] = (await once(createInterface(stdout), 'line')) as [string]
  return (JSON.parse(line) as { url: string }).url
}

async function request(url: string, times: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  await Promise.all(
    Array.from({ length: times }, async () => {
      const [response] = (await once(get(`${url}/healthz`, { agent }), 'response')) as [Readable]
      await once(response.resume(), 'end')
    }),
  )
  agent.destroy()
}
