// The contract of the headless relay, held against the programs themselves: a real server, real pipes, real kill -9.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Program, type Line } from './testing/programs.ts'

let folder: string
let port: string
const running = new Set<Program>()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-cli-'))
  port = '0'
})
afterEach(async () => {
  for (const program of running) program.kill('SIGKILL')
  await Promise.all([...running].map((program) => program.exited()))
  running.clear()
  await rm(folder, { recursive: true })
})

function start(script: string, args: readonly string[], env: Record<string, string> = {}): Program {
  const program = new Program(script, args, env)
  running.add(program)
  return program
}

/** The demonstration floor; the second start takes the port of the first. */
async function startServer(): Promise<Program> {
  const server = start('server/cli.ts', ['server', '--demo', '--data', join(folder, 'server'), '--port', port])
  const { url } = await server.until((line) => line['event'] === 'listening')
  port = new URL(String(url)).port
  return server
}

function startRelay(device: string, ...args: readonly string[]): Program {
  return start('relay/cli.ts', ['--server', `http://127.0.0.1:${port}`, '--data', join(folder, device), ...args])
}
const KIM = ['--user', 'kim', '--pin', '1111'] as const
const LEE = ['--user', 'lee', '--pin', '2222'] as const
const CHAT = ['--subscribe', 'chat/line-3'] as const

const chat = (ref: string, text = ref) => ({ ref, command: 'chat.post', data: { line: 'line-3', text } })
const is =
  (kind: string, fields: Line = {}) =>
  (line: Line) =>
    line.kind === kind && Object.entries(fields).every(([name, value]) => line[name] === value)
const refsOf = (lines: readonly Line[]) => lines.map((line) => line['ref'])
const texts = (relay: Program) => relay.of('event').map((line) => (line['data'] as { text: string }).text)

describe('andon relay', () => {
  it('carries out a command for the device alone and ends with 0 at the end of input', async () => {
    await startServer()
    const relay = startRelay('wall', '--name', 'Wall 1')
    relay.send({ ref: 'r1', command: 'alert.raise', data: { priority: 'P0', area: 'line-3', title: 'Fire in line 3' } })
    relay.endInput()
    expect(await relay.exited()).toBe(0)
    expect(relay.of('saved')).toEqual([{ kind: 'saved', ref: 'r1' }])
    expect(relay.of('result')).toMatchObject([{ kind: 'result', ref: 'r1', outcome: 'applied' }])
    expect(relay.of('outbox').at(-1)).toEqual({ kind: 'outbox', pending: { urgent: 0, normal: 0 } })
    expect(relay.of('error')).toEqual([])
  })

  it('gives a channel a snapshot first and events after it, with the fields of the contract [P2]', async () => {
    await startServer()
    const relay = startRelay('kiosk', ...KIM, ...CHAT)
    await relay.until(is('snapshot', { channel: 'chat/line-3' }))
    relay.send(chat('r1', 'hello'))
    const event = await relay.until(is('event', { channel: 'chat/line-3' }))
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/) as string
    expect(event).toEqual({
      kind: 'event',
      channel: 'chat/line-3',
      epoch: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      offset: 1,
      id,
      type: 'chat.posted',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      by: 'kim',
      cause: id,
      data: { text: 'hello', line: 'line-3' },
    })
    relay.endInput()
    expect(await relay.exited()).toBe(0)

    const again = startRelay('kiosk', ...KIM, ...CHAT)
    const { kind: _kind, channel: _channel, epoch: _epoch, ...stored } = event
    expect(await again.until(is('snapshot', { channel: 'chat/line-3' }))).toMatchObject({
      offset: 1,
      data: { events: [stored] },
    })
  })

  it('gives everything a log retains as events with --from start, and refuses that of other kinds', async () => {
    await startServer()
    const writer = startRelay('writer', ...KIM)
    writer.send(...Array.from({ length: 30 }, (_, index) => chat(`r${index}`)))
    writer.endInput()
    await writer.exited()
    const reader = startRelay(
      'reader',
      ...LEE,
      '--subscribe',
      'chat/line-3,orders/line-3',
      '--from',
      'start',
      '--linger',
    )
    await reader.until((line) => is('event')(line) && line['offset'] === 30)
    expect(texts(reader)).toEqual(Array.from({ length: 30 }, (_, index) => `r${index}`))
    expect(await reader.until(is('error', { channel: 'orders/line-3' }))).toMatchObject({ code: 'not-a-log' })
    expect(reader.of('snapshot').filter((line) => line['channel'] === 'chat/line-3')).toEqual([])
  })

  it('loses nothing it called saved and sends nothing twice, over kill -9 of both ends [P1]', async () => {
    const server = await startServer()
    const writer = startRelay('writer', ...KIM)
    writer.send(chat('r0'))
    await writer.until(is('result', { ref: 'r0' }))
    server.kill('SIGKILL')
    await server.exited()
    const refs = Array.from({ length: 50 }, (_, index) => `r${index + 1}`)
    writer.send(...refs.map((ref) => chat(ref)))
    await writer.until(is('saved', { ref: 'r50' }))
    writer.kill('SIGKILL')
    await writer.exited()

    const offline = startRelay('writer', ...KIM)
    offline.send(chat('r51'), chat('r1'))
    await offline.until(is('saved', { ref: 'r1' })) // a repeat: it does not wait for the disk, and so not for r51
    await offline.until(is('saved', { ref: 'r51' }))
    offline.kill('SIGKILL')
    await offline.exited()

    await startServer()
    const online = startRelay('writer', ...KIM)
    online.endInput()
    expect(await online.exited()).toBe(0)
    expect(refsOf(online.of('result'))).toEqual(expect.arrayContaining(['r0', ...refs, 'r51']))
    expect(online.of('result').every((line) => line['outcome'] === 'applied')).toBe(true)

    const reader = startRelay('reader', ...LEE, ...CHAT, '--from', 'start', '--linger')
    await reader.until((line) => is('event')(line) && line['offset'] === 52)
    expect(texts(reader)).toEqual(['r0', ...refs, 'r51'])
  })

  it('tells a result again at each start until it was seen, and answers a repeated ref without sending it', async () => {
    await startServer()
    const first = startRelay('kiosk', ...KIM)
    first.send(chat('r1'), chat('r2'))
    first.endInput()
    await first.exited()

    const second = startRelay('kiosk', ...KIM)
    second.send(chat('r1', 'another text'), { seen: 'r1' })
    second.endInput()
    expect(await second.exited()).toBe(0)
    expect(refsOf(second.of('saved'))).toEqual(['r1'])
    expect(new Set(refsOf(second.of('result')))).toEqual(new Set(['r1', 'r2']))

    const third = startRelay('kiosk', ...KIM, ...CHAT)
    const { data } = await third.until(is('snapshot', { channel: 'chat/line-3' }))
    expect(refsOf(third.of('result'))).toEqual(['r2'])
    expect(data).toMatchObject({ events: [{ data: { text: 'r1' } }, { data: { text: 'r2' } }] })
  })

  it('reads nothing before the sign-in while the server is away, and loses nothing', async () => {
    const server = await startServer()
    server.kill('SIGTERM')
    await server.exited()
    const relay = startRelay('kiosk', ...KIM)
    relay.send(chat('r1'))
    await relay.until(is('status', { state: 'waiting' }))
    expect(relay.of('saved')).toEqual([])
    await startServer()
    expect(await relay.until(is('result', { ref: 'r1' }))).toMatchObject({ outcome: 'applied' })
  })

  it('answers bad lines, refused commands and refused channels by errors, and goes on', async () => {
    await startServer()
    const relay = startRelay('wall')
    relay.send('{"ref":', { command: 'chat.post', data: {} }, { ref: 'r1', command: 'tea.make', data: {} })
    relay.send(chat('r2'), { ref: 'r3', command: 'alert.raise', data: { priority: 'P9', area: 'line-3', title: 'x' } })
    relay.send({ subscribe: 'no channel' }, { subscribe: 'chat/line-3' }, { ref: 'x'.repeat(70_000), seen: 1 })
    relay.send({ ref: 'r4', command: 'alert.raise', data: { priority: 'P2', area: 'line-3', title: 'Oil' } })
    await relay.until(is('result', { ref: 'r4' }))
    await relay.until(is('error', { channel: 'chat/line-3' }))
    expect(relay.of('error')).toEqual(
      expect.arrayContaining([
        { kind: 'error', code: 'bad-json', message: expect.any(String) as string },
        { kind: 'error', code: 'bad-request', message: expect.any(String) as string },
        { kind: 'error', ref: 'r1', code: 'unknown-command', message: expect.any(String) as string },
        { kind: 'error', ref: 'r2', code: 'sign-in-needed', message: expect.any(String) as string },
        { kind: 'error', ref: 'r3', code: 'bad-command', message: expect.any(String) as string },
        { kind: 'error', channel: 'no channel', code: 'unknown-channel', message: expect.any(String) as string },
        { kind: 'error', channel: 'chat/line-3', code: 'sign-in-needed', message: expect.any(String) as string },
        { kind: 'error', code: 'frame-too-large', message: expect.any(String) as string },
      ]),
    )
  })

  it('ends with 1 and an error line when the PIN is wrong', async () => {
    await startServer()
    const relay = startRelay('kiosk', '--user', 'kim', '--pin', '9999')
    relay.send(chat('r1'))
    expect(await relay.exited()).toBe(1)
    expect(relay.of('error')).toMatchObject([{ code: 'bad-pin' }])
    expect(relay.of('saved')).toEqual([])
  })

  it('ends with 0 at SIGTERM, also when it comes twice, and keeps what was saved', async () => {
    const relay = startRelay('wall')
    relay.send({ ref: 'r1', command: 'alert.raise', data: { priority: 'P2', area: 'line-3', title: 'Oil' } })
    await relay.until(is('saved', { ref: 'r1' }))
    relay.kill('SIGTERM')
    relay.kill('SIGTERM')
    expect(await relay.exited()).toBe(0)
    await startServer()
    const again = startRelay('wall')
    again.endInput()
    expect(await again.exited()).toBe(0)
    expect(again.of('result')).toMatchObject([{ ref: 'r1', outcome: 'applied' }])
  })

  it('ends with 2 and a sentence for bad arguments, and with 1 where another relay has the folder', async () => {
    const bad = start('relay/cli.ts', ['--server', 'nowhere'])
    expect(await bad.exited()).toBe(2)
    expect(bad.stderr).toMatch(/http/)
    const level = start('relay/cli.ts', ['--server', 'http://127.0.0.1:1', '--data', folder], { ANDON_LOG: 'loud' })
    expect(await level.exited()).toBe(2)
    expect(level.stderr).toMatch(/ANDON_LOG/)

    const first = startRelay('wall')
    await first.until(is('status'))
    const second = startRelay('wall')
    expect(await second.exited()).toBe(1)
    expect(second.stderr).toMatch(/another data folder/)
    expect(second.lines).toEqual([])
  })
})
