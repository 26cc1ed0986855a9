import { describe, expect, it } from 'vitest'
import { WindowSeat, type Attach, type SeatPort } from './window-seat.ts'

class FakePort implements SeatPort {
  readonly posted: unknown[] = []
  #listener: (event: MessageEvent<unknown>) => void = () => undefined

  postMessage(message: unknown): void {
    this.posted.push(message)
  }
  addEventListener(_type: 'message', listener: (event: MessageEvent<unknown>) => void): void {
    this.#listener = listener
  }
  start(): void {}
  say(...messages: unknown[]): void {
    for (const data of messages) this.#listener(new MessageEvent('message', { data }))
  }
}

function setUp() {
  const port = new FakePort()
  const room: string[] = []
  let free: (() => void) | null = null
  const locks = {
    request: (name: string, callback: () => void) => {
      room.push(`watches ${name}`)
      free = callback
      return Promise.resolve()
    },
  }
  const seat = new WindowSeat(port, {
    locks: locks as unknown as Pick<LockManager, 'request'>,
    joined: () => room.push('joined'),
    left: () => room.push('left'),
    paged: (_seat, word) => room.push(`page ${word}`),
    taken: () => room.push('taken'),
    dropped: (word) => room.push(`dropped ${String(word)}`),
  })
  const heard: unknown[] = []
  const attach: Attach = () => ({ receive: (message) => heard.push(message), detach: () => heard.push('detached') })
  return { port, room, seat, heard, attach, freeLock: () => free?.() }
}

describe('a window in the worker', () => {
  it('is heard by the relay once it opened', () => {
    const { port, seat, heard, attach } = setUp()
    port.say({ t: 'open', shows: ['chat/line-3'] })
    seat.attach(attach)
    port.say({ t: 'retry' }, 'nonsense', null)
    expect(heard).toEqual([{ t: 'open', shows: ['chat/line-3'] }, { t: 'retry' }, 'nonsense', null])
  })

  it('is heard later when there is no relay yet, in order and with what it shows by then', () => {
    const { port, seat, heard, attach } = setUp()
    port.say({ t: 'open', shows: ['a'] }, { t: 'retry' }, { t: 'show', channels: ['b'] }, { t: 'view' }, { t: 'retry' })
    seat.attach(attach)
    // A view comes by itself.
    expect(heard).toEqual([{ t: 'open', shows: ['b'] }, { t: 'retry' }, { t: 'retry' }])
  })

  it('shows the same to the next relay', () => {
    const { port, seat, heard, attach } = setUp()
    port.say({ t: 'open', shows: ['a'] })
    seat.attach(attach)
    port.say({ t: 'show', channels: ['b'] })
    seat.detach()
    seat.attach(attach)
    expect(heard).toEqual([
      { t: 'open', shows: ['a'] },
      { t: 'show', channels: ['b'] },
      'detached',
      { t: 'open', shows: ['b'] },
    ])
  })

  it('[R48] waits with a bounded number of messages; a request beyond it is answered', () => {
    const { port, room, seat, heard, attach } = setUp()
    port.say({ t: 'open', shows: [] })
    for (let index = 0; index < 64; index++) port.say({ t: 'retry' })
    port.say({ t: 'command', ref: 'r1' }, { t: 'retry' })
    expect(port.posted).toMatchObject([{ t: 'reply', ref: 'r1', ok: false, code: 'unavailable' }])
    expect(room).toEqual(['joined', 'dropped retry'])
    seat.attach(attach)
    expect(heard).toHaveLength(65)
  })

  it('leaves when it says so, and may come back', () => {
    const { port, room, seat, heard, attach } = setUp()
    port.say({ t: 'open', shows: [] })
    seat.attach(attach)
    port.say({ t: 'close' })
    expect(heard.slice(-2)).toEqual([{ t: 'close' }, 'detached'])
    port.say({ t: 'open', shows: ['a'] })
    expect(room).toEqual(['joined', 'left', 'joined'])
    seat.attach(attach)
    expect(heard.at(-1)).toEqual({ t: 'open', shows: ['a'] })
  })

  it('[R48] leaves when its lock becomes free; the relay never hears of locks', () => {
    const { port, room, seat, heard, attach, freeLock } = setUp()
    port.say({ t: 'lock', name: 'andon-window:7' }, { t: 'open', shows: [] })
    seat.attach(attach)
    port.say({ t: 'lock', name: 'andon-window:8' })
    freeLock()
    expect(room).toEqual(['watches andon-window:7', 'joined', 'left'])
    expect(heard).toEqual([{ t: 'open', shows: [] }, { t: 'close' }, 'detached'])
  })

  it('tells the worker of its page, and that a person wants the relay here; the relay hears of neither', () => {
    const { port, room, seat, heard, attach } = setUp()
    port.say({ t: 'open', shows: [] })
    seat.attach(attach)
    port.say({ t: 'page', word: 'resumed' }, { t: 'page', word: 'nonsense' }, { t: 'take' })
    expect(room).toEqual(['joined', 'page resumed', 'taken'])
    expect(heard).toHaveLength(1)
  })

  it('cannot make the worker wait for a lock that is no window', () => {
    const { port, room } = setUp()
    port.say({ t: 'lock', name: 'andon-relay' }, { t: 'lock' })
    expect(room).toEqual([])
  })
})
