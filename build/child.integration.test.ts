import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

const CHILD = pathToFileURL(join(import.meta.dirname, 'child.mjs')).href

const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** A launcher that becomes `program`, which must print one line when it is ready. */
async function launch(program: string) {
  const launcher = `
    import { become } from ${JSON.stringify(CHILD)}
    const runtime = { node: process.execPath, env: process.env }
    process.exitCode = await become(runtime, ['--input-type=module', '--eval', ${JSON.stringify(program)}])`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', launcher], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  started.push(child)
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  return { child, exited, next: async () => (await lines.next()).value }
}

const FOREVER = 'setInterval(() => {}, 1000);'

test('the launcher ends with the exit code of its program', async () => {
  const { exited } = await launch('console.log("ready"); process.exit(7)')
  expect(await exited).toEqual([7, null])
})

test('a program killed by a signal is 128 and the signal', async () => {
  const { exited } = await launch('console.log("ready"); process.kill(process.pid, "SIGKILL")')
  expect(await exited).toEqual([137, null])
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s reaches the program, which decides how to end',
  async (signal) => {
    const { child, exited, next } = await launch(
      `process.on('${signal}', () => { console.log('drained'); process.exit(0) }); console.log('ready'); ${FOREVER}`,
    )
    child.kill(signal)
    expect(await next()).toBe('drained')
    expect(await exited).toEqual([0, null])
  },
)

test('stdin is the program’s, to its end', async () => {
  const { child, exited, next } = await launch(
    `process.stdin.on('data', (data) => process.stdout.write(data)).on('end', () => process.exit(0)); console.log('ready')`,
  )
  child.stdin.end('{"ref":"r1"}\n')
  expect(await next()).toBe('{"ref":"r1"}')
  expect(await exited).toEqual([0, null])
})

test('a program without work ends although its lifeline is open', async () => {
  const { exited } = await launch('console.log("ready")')
  expect(await exited).toEqual([0, null])
})

test('the program dies with a launcher that was killed outright', async () => {
  const { child, next } = await launch(`console.log('ready'); ${FOREVER}`)
  child.kill('SIGKILL')
  // It holds stdout open as long as it lives: the end of the stream is its end.
  expect(await next()).toBeUndefined()
})
