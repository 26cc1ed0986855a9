import { beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../relay/testing/virtual-clock.ts'
import { ASKED } from '../ipc/channels.ts'
import { serveQuestions, type AskEvent } from './ipc.ts'
import { REFUSAL_PACE } from './refusal-log.ts'

interface Page {
  readonly id: number
  readonly mainFrame: { readonly url: string }
}
type Asked = (event: AskEvent<Page>, ...args: unknown[]) => Promise<unknown>

let clock: VirtualClock
let logged: string[]
let connected: number[]
let channels: Map<string, Asked>
const window: Page = { id: 1, mainFrame: { url: 'app://kiosk/#/line-3/alerts' } }

beforeEach(() => {
  clock = new VirtualClock()
  logged = []
  connected = []
  channels = new Map()
  serveQuestions<Page>({
    ipc: { handle: (channel, answer) => channels.set(channel, answer) },
    isWindow: (sender) => sender === window,
    clock,
    log: (_level, event, fields) => logged.push([event, fields?.['code']].filter(Boolean).join(' ')),
    handlers: {
      connect: (sender) => {
        connected.push(sender.id)
        return null
      },
      noticeAvailability: () => {
        throw new Error('no bus')
      },
      isInSight: () => true,
    },
  })
})

function ask(event: AskEvent<Page>, ...args: unknown[]): Promise<unknown> {
  const answer = channels.get(ASKED.connect.channel)
  if (answer === undefined) throw new Error('nobody answers')
  return answer(event, ...args)
}

describe('a question of a window', () => {
  it('is answered for the main frame of a window of ours', async () => {
    expect(await ask({ sender: window, senderFrame: window.mainFrame })).toEqual({ ok: true, value: null })
    expect(connected).toEqual([1])
  })

  it.each<[who: string, event: AskEvent<Page>]>([
    ['a frame that is gone', { sender: window, senderFrame: null }],
    ['a frame inside the page', { sender: window, senderFrame: { url: 'app://kiosk/' } }],
    ['a page that is no window', { sender: { ...window, id: 2 }, senderFrame: { url: 'app://kiosk/' } }],
  ])('is refused, logged and answered for %s', async (_who, event) => {
    expect(await ask(event)).toMatchObject({ ok: false, code: 'forbidden' })
    expect(logged).toEqual(['question-refused forbidden'])
    expect(connected).toEqual([])
  })

  it('is refused for another origin in the same window', async () => {
    const elsewhere = { url: 'https://app.kiosk/' }
    const page: Page = { id: 1, mainFrame: elsewhere }
    expect(await ask({ sender: page, senderFrame: elsewhere })).toMatchObject({ ok: false, code: 'forbidden' })
  })

  it('is refused with arguments that are not in the table', async () => {
    const event = { sender: window, senderFrame: window.mainFrame }
    expect(await ask(event, { channel: 'fs' })).toMatchObject({ ok: false, code: 'bad-request' })
  })

  it('is refused when they come too fast, and answered again later', async () => {
    const event = { sender: window, senderFrame: window.mainFrame }
    let refused: unknown = null
    for (let asked = 0; asked < 60 && refused === null; asked += 1) {
      const answer = await ask(event)
      if (!(answer as { ok: boolean }).ok) refused = answer
    }
    expect(refused).toMatchObject({ ok: false, code: 'rate-limited' })
    await clock.advance(1_000)
    expect(await ask(event)).toMatchObject({ ok: true })
  })

  it('[P8] that is refused again and again is answered each time, and fills no log', async () => {
    const event = { sender: window, senderFrame: null }
    for (let asked = 0; asked < REFUSAL_PACE.burst + 5; asked += 1) {
      expect(await ask(event)).toMatchObject({ ok: false, code: 'forbidden' })
    }
    expect(logged).toHaveLength(REFUSAL_PACE.burst)
  })

  it('whose answer fails says so with a code; why is in the log', async () => {
    const answer = channels.get(ASKED.noticeAvailability.channel)
    expect(await answer?.({ sender: window, senderFrame: window.mainFrame })).toMatchObject({
      ok: false,
      code: 'internal',
    })
    expect(logged).toEqual(['question-failed'])
  })
})
