import { describe, expect, it } from 'vitest'
import { RelayLock } from './relay-lock.ts'

let count = 0

/** One browser with its own lock; `page` starts a page of some build, whose relay ends when asked unless it hangs. */
function browser() {
  const name = `lock-test-${++count}-${Date.now()}`
  const events: string[] = []
  const changed = new Set<() => void>()
  const say = (event: string) => {
    events.push(event)
    for (const resolve of changed) resolve()
  }
  const control = new BroadcastChannel(name)
  control.addEventListener('message', ({ data }: MessageEvent<{ t: string }>) => say(data.t))
  const until = async (event: string, times = 1) => {
    while (events.filter((past) => past === event).length < times)
      await new Promise<void>((resolve) => changed.add(resolve))
  }
  function page(id: string, build: string, kind: 'well' | 'hanging' = 'well') {
    const release = Promise.withResolvers<void>()
    const timers = new Set<() => void>()
    const lock = new RelayLock({
      locks: navigator.locks,
      lockName: name,
      control: new BroadcastChannel(name),
      build,
      clock: {
        after: (_ms, call) => {
          timers.add(call)
          return () => timers.delete(call)
        },
      },
      log: () => undefined,
      waiting: (why) => say(`${id} waits: ${why}`),
      hold: async (over) => {
        say(`${id} holds`)
        const asked = new Promise<void>((resolve) => over.addEventListener('abort', () => resolve()))
        await (kind === 'hanging' ? release.promise : Promise.race([asked, release.promise]))
        say(`${id} ends${over.aborted ? ' when asked' : ''}`)
      },
    })
    void lock.run()
    return {
      /** A person wants it here. */
      take: () => lock.takeOver(),
      /** Its relay ends by itself, as when its page is closed. */
      die: () => release.resolve(),
      losePatience: () => {
        for (const call of timers) call()
      },
    }
  }
  return { page, events, until }
}

describe('the relay lock', () => {
  it('is held by the first page, and by a newer one after the first stepped down', async () => {
    const { page, events, until } = browser()
    page('old', '1')
    await until('old holds')
    page('new', '2')
    await until('new holds')
    await until('old waits: newer-build')
    const order = ['old holds', 'new waits: other-page', 'step-down', 'old ends when asked', 'new holds']
    expect(events.filter((event) => order.includes(event))).toEqual(order)
  })

  it('goes back to the older page when the newer one is gone', async () => {
    const { page, until } = browser()
    page('old', '1')
    await until('old holds')
    const newer = page('new', '2')
    await until('new holds')
    newer.die()
    await until('new ends')
    await until('old holds', 2)
  })

  it('stays where it is among pages of one build, until the holder dies', async () => {
    const { page, events, until } = browser()
    const first = page('first', '1')
    await until('first holds')
    page('second', '1')
    await until('staying')
    first.die()
    await until('second holds')
    expect(events).not.toContain('first ends when asked')
  })

  it('[R42] is taken from a holder that hangs', async () => {
    const { page, until } = browser()
    page('old', '1', 'hanging')
    await until('old holds')
    const newer = page('new', '2')
    await until('step-down')
    newer.losePatience()
    await until('new holds')
  })

  it('[R42] goes to the page a person chose, past others that wait, and back when that one is gone', async () => {
    const { page, events, until } = browser()
    page('first', '1')
    await until('first holds')
    page('second', '1')
    await until('second waits: in-use')
    const third = page('third', '1')
    await until('third waits: in-use')
    third.take()
    await until('third holds')
    await until('first waits: in-use')
    expect(events).not.toContain('second holds')
    third.take()
    third.die()
    await Promise.race([until('first holds', 2), until('second holds')])
    expect(events.filter((event) => event === 'third holds')).toHaveLength(1)
  })

  it('[R42] is taken by a person from a page that hangs', async () => {
    const { page, until } = browser()
    page('first', '1', 'hanging')
    await until('first holds')
    const second = page('second', '1')
    await until('second waits: in-use')
    second.take()
    await until('step-down', 2)
    second.losePatience()
    await until('second holds')
  })

  it('[R42] goes to a newer build past older pages that wait', async () => {
    const { page, events, until } = browser()
    page('first', '1')
    await until('first holds')
    page('second', '1')
    await until('second waits: in-use')
    page('new', '2')
    await until('new holds')
    await until('second waits: newer-build')
    expect(events).not.toContain('second holds')
  })
})
