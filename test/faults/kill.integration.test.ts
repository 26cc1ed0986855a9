import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, isLive, startRelay, startServer, type Line, type Program } from '../support/processes.ts'

const CHAT = 'chat/line-3'

let root = ''
let port = 0
const programs: Program[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'andon-kill-'))
  port = await freePort()
})
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.kill()))
  await rm(root, { recursive: true, force: true })
})

async function server(): Promise<{ program: Program; url: string }> {
  const started = await startServer(join(root, 'server'), port)
  programs.push(started.program)
  return started
}

function relay(name: 'kim' | 'lee', extra: readonly string[] = []): Program {
  const program = startRelay({
    url: `http://127.0.0.1:${port}`,
    folder: join(root, name),
    user: [name, name === 'kim' ? '1111' : '2222'],
    extra: ['--linger', ...extra],
  })
  programs.push(program)
  return program
}

const post = (ref: string) => ({ ref, command: 'chat.post', data: { line: 'line-3', text: ref } })
const saved = (ref: string) => (line: Line) => line.kind === 'saved' && line['ref'] === ref
const result = (ref: string) => (line: Line) => line.kind === 'result' && line['ref'] === ref

/** What a relay that was never there before reads from the start of the log: the ledger. */
async function ledger(count: number): Promise<{ text: string; by: string; offset: number }[]> {
  const reader = startRelay({
    url: `http://127.0.0.1:${port}`,
    folder: join(root, `ledger-${Math.random()}`),
    user: ['park', '3333'],
    extra: ['--linger', '--subscribe', CHAT, '--from', 'start'],
  })
  programs.push(reader)
  const isEvent = (line: Line) => line.kind === 'event'
  await reader.until(() => reader.lines.filter(isEvent).length >= count)
  // One more message behind all others proves that nothing came twice in between.
  reader.send(post('end of ledger'))
  await reader.until((line) => isEvent(line) && (line['data'] as { text: string }).text === 'end of ledger')
  return reader.lines
    .filter(isEvent)
    .map((line) => ({
      text: (line['data'] as { text: string }).text,
      by: String(line['by']),
      offset: Number(line['offset']),
    }))
    .slice(0, -1)
}

describe('two relays and a server that is killed', () => {
  it('[P1] SIGKILL of the server between saved and result: applied once, in order', async () => {
    const first = await server()
    const [kim, lee] = [relay('kim'), relay('lee')]
    await Promise.all([kim.until(isLive), lee.until(isLive)])
    kim.send(post('k0'))
    lee.send(post('l0'))
    await Promise.all([kim.until(result('k0')), lee.until(result('l0'))])

    // Stopped, the server takes bytes and answers nothing: what is saved now has no result when it dies.
    first.program.signal('SIGSTOP')
    for (const number of [1, 2, 3]) {
      kim.send(post(`k${number}`))
      lee.send(post(`l${number}`))
    }
    await Promise.all([kim.until(saved('k3')), lee.until(saved('l3'))])
    expect(kim.lines.some(result('k1'))).toBe(false)
    await first.program.kill()

    await server()
    for (const number of [1, 2, 3]) {
      expect(await kim.until(result(`k${number}`))).toMatchObject({ outcome: 'applied' })
      expect(await lee.until(result(`l${number}`))).toMatchObject({ outcome: 'applied' })
    }
    const all = await ledger(8)
    expect(all.filter(({ by }) => by === 'kim').map(({ text }) => text)).toEqual(['k0', 'k1', 'k2', 'k3'])
    expect(all.filter(({ by }) => by === 'lee').map(({ text }) => text)).toEqual(['l0', 'l1', 'l2', 'l3'])
    expect(all.map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('[P1] SIGKILL of the server while it commits: whatever the moment, once and in order', async () => {
    let current = await server()
    const kim = relay('kim')
    await kim.until(isLive)
    const refs = Array.from({ length: 60 }, (_, index) => `m${String(index).padStart(2, '0')}`)
    for (const [index, ref] of refs.entries()) {
      kim.send(post(ref))
      if (index % 20 !== 10) continue
      // The kill lands somewhere between these commands' arrival, commit and answer.
      await kim.until(saved(ref))
      await current.program.kill()
      current = await server()
    }
    await Promise.all(
      refs.map(async (ref) => expect(await kim.until(result(ref))).toMatchObject({ outcome: 'applied' })),
    )
    expect((await ledger(60)).map(({ text }) => text)).toEqual(refs)
  })

  it('[P1] SIGKILL of a relay between saved and sending: sent by the next start, once, in order', async () => {
    const first = await server()
    const [kim, lee] = [relay('kim'), relay('lee')]
    await Promise.all([kim.until(isLive), lee.until(isLive)])
    await first.program.kill()
    for (const number of [1, 2, 3]) {
      kim.send(post(`k${number}`))
      lee.send(post(`l${number}`))
    }
    await Promise.all([kim.until(saved('k3')), lee.until(saved('l3'))])
    await Promise.all([kim.kill(), lee.kill()])

    await server()
    const [kimAgain, leeAgain] = [relay('kim'), relay('lee')]
    // A script that does not know what became of its commands sends them again under the same ref.
    for (const number of [1, 2, 3]) kimAgain.send(post(`k${number}`))
    for (const number of [1, 2, 3]) {
      expect(await kimAgain.until(result(`k${number}`))).toMatchObject({ outcome: 'applied' })
      expect(await leeAgain.until(result(`l${number}`))).toMatchObject({ outcome: 'applied' })
    }
    const all = await ledger(6)
    expect(all.filter(({ by }) => by === 'kim').map(({ text }) => text)).toEqual(['k1', 'k2', 'k3'])
    expect(all.filter(({ by }) => by === 'lee').map(({ text }) => text)).toEqual(['l1', 'l2', 'l3'])
  })

  it(
    '[P1] [L1] a deploy loses nothing and doubles nothing: SIGTERM drains, exits 0, devices come back',
    {},
    async () => {
      let current = await server()
      const kim = relay('kim')
      await kim.until(isLive)
      const refs = Array.from({ length: 90 }, (_, index) => `d${String(index).padStart(2, '0')}`)
      for (const [index, ref] of refs.entries()) {
        kim.send(post(ref))
        if (index % 30 !== 15) continue
        await kim.until(saved(ref))
        expect(await current.program.stop()).toBe(0)
        current = await server()
      }
      await Promise.all(
        refs.map(async (ref) => expect(await kim.until(result(ref))).toMatchObject({ outcome: 'applied' })),
      )
      expect((await ledger(90)).map(({ text }) => text)).toEqual(refs)
    },
  )

  it('[P2] a relay that was killed resumes by its cursor: a snapshot of what it had, then only what is new', async () => {
    await server()
    const kim = relay('kim')
    await kim.until(isLive)
    const lee = relay('lee', ['--subscribe', CHAT])
    await lee.until((line) => line.kind === 'snapshot' && line['channel'] === CHAT)
    kim.send(post('before'))
    await lee.until((line) => line.kind === 'event')
    await lee.kill()
    kim.send(post('while away'))
    await kim.until(result('while away'))

    const again = relay('lee', ['--subscribe', CHAT])
    const snapshot = await again.until((line) => line.kind === 'snapshot' && line['channel'] === CHAT)
    expect(snapshot['data']).toMatchObject({ events: [{ data: { text: 'before' } }] })
    expect(await again.until((line) => line.kind === 'event')).toMatchObject({
      offset: 2,
      data: { text: 'while away' },
    })
    expect(again.lines.some((line) => line.kind === 'reset')).toBe(false)
  })
})
