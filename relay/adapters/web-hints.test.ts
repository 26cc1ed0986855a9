import { describe, expect, it } from 'vitest'
import { readPageWord, WebHints } from './web-hints.ts'

function setUp() {
  const scope = new EventTarget()
  const clock = { ms: 1_000_000, wall: () => clock.ms }
  const kind = Object.assign(new EventTarget(), { type: 'wifi' })
  const hints = new WebHints(scope, clock, kind)
  const heard: string[] = []
  const attention: string[] = []
  const release = hints.listen((hint) => (hint.endsWith('watched') ? attention : heard).push(hint))
  const [one, two] = [{}, {}]
  return { scope, clock, kind, hints, heard, attention, release, one, two }
}

describe('the hints of a browser', () => {
  it('are the worker’s own online and offline', () => {
    const { scope, heard, release } = setUp()
    scope.dispatchEvent(new Event('offline'))
    scope.dispatchEvent(new Event('online'))
    expect(heard).toEqual(['offline', 'online'])
    release()
    scope.dispatchEvent(new Event('offline'))
    expect(heard).toHaveLength(2)
  })

  it('[R47] tell of one return of the network once, however many pages saw it', () => {
    const { scope, clock, hints, heard, one, two } = setUp()
    hints.said(one, 'online')
    scope.dispatchEvent(new Event('online'))
    hints.said(two, 'resumed')
    expect(heard).toEqual(['online'])
    clock.ms += 1_000
    hints.said(two, 'online')
    expect(heard).toEqual(['online', 'online'])
  })

  it('never keep back that the network came after it went', () => {
    const { hints, heard, one } = setUp()
    hints.said(one, 'online')
    hints.said(one, 'offline')
    hints.said(one, 'online')
    expect(heard).toEqual(['online', 'offline', 'online'])
  })

  it('[R47] a page that was stopped and goes on woke', () => {
    const { hints, heard, one } = setUp()
    hints.said(one, 'resumed')
    expect(heard).toEqual(['woke'])
  })

  it('[R47] a device looked at again after 5 s woke; one that changes between its pages did not', () => {
    const { clock, hints, heard, one, two } = setUp()
    hints.said(one, 'visible')
    hints.said(one, 'hidden')
    clock.ms += 4_999
    hints.said(two, 'visible')
    hints.said(one, 'visible')
    hints.said(one, 'hidden')
    clock.ms += 60_000
    hints.said(one, 'visible') // the other was in view all the time
    expect(heard).toEqual([])
    hints.gone(one)
    hints.said(two, 'hidden')
    clock.ms += 5_000
    hints.said(two, 'visible')
    expect(heard).toEqual(['woke'])
  })

  it('a page nobody ever looked at is no sign of sleep', () => {
    const { clock, hints, heard, one } = setUp()
    hints.said(one, 'hidden')
    clock.ms += 60_000
    hints.said(one, 'visible')
    expect(heard).toEqual([])
  })

  it('[R47] tell that the network is of another kind, though the phone was never offline', () => {
    const { scope, kind, hints, heard, release } = setUp()
    kind.dispatchEvent(new Event('change')) // of speed
    expect([hints.network(), heard]).toEqual(['wifi', []])
    kind.type = 'cellular'
    kind.dispatchEvent(new Event('change'))
    scope.dispatchEvent(new Event('online'))
    expect([hints.network(), heard]).toEqual(['cellular', ['online']])
    kind.type = 'none'
    kind.dispatchEvent(new Event('change'))
    scope.dispatchEvent(new Event('offline'))
    expect(heard).toEqual(['online', 'offline'])
    release()
    kind.type = 'wifi'
    kind.dispatchEvent(new Event('change'))
    expect(heard).toHaveLength(2)
  })

  it('[R47] tell of the kind of a network also right behind its return', () => {
    const { scope, kind, heard } = setUp()
    scope.dispatchEvent(new Event('online'))
    kind.type = 'cellular'
    kind.dispatchEvent(new Event('change'))
    expect(heard).toEqual(['online', 'online'])
  })

  it('[R60] tell whoever listens whether a page is looked at, and when that changes', () => {
    const { hints, attention, one, two } = setUp()
    expect(attention).toEqual(['unwatched'])
    hints.said(one, 'visible')
    hints.said(one, 'visible')
    hints.said(two, 'visible')
    hints.said(one, 'hidden')
    expect(attention).toEqual(['unwatched', 'watched'])
    hints.gone(two)
    expect(attention).toEqual(['unwatched', 'watched', 'unwatched'])
    const late: string[] = []
    hints.said(one, 'visible')
    hints.listen((hint) => late.push(hint))
    expect(late).toEqual([])
  })

  it('[R60] tell of waking before they tell that somebody looks: the socket is replaced, and not asked', () => {
    const { clock, hints, one } = setUp()
    hints.said(one, 'visible')
    hints.said(one, 'hidden')
    clock.ms += 5_000
    const order: string[] = []
    hints.listen((hint) => order.push(hint))
    hints.said(one, 'visible')
    expect(order).toEqual(['unwatched', 'woke', 'watched'])
  })

  it('know their words, and no others', () => {
    expect(['visible', 'hidden', 'resumed', 'online', 'offline', 'woke', null, 7].map(readPageWord)).toEqual([
      'visible',
      'hidden',
      'resumed',
      'online',
      'offline',
      null,
      null,
      null,
    ])
  })
})
