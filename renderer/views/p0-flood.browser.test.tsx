/** More P0 at once than a screen shows [F5]. */
import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { EPOCH, event, setting, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'
import { press } from '../testing/finger.ts'
import { floodAlert, LONG_SCENES } from '../testing/long-scenes.ts'
import { ALARM_SCREENS, isInside, leastPressed, painted, setStage } from '../testing/stage.ts'

const stage = setStage(LONG_SCENES)
const { all, find } = stage

/** Numbers from the first to the last. */
const numbers = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)
/** Numbers of the alerts on the screen, by place. */
const shown = (): readonly number[] => all('.alarm').map(({ dataset }) => Number(dataset['alertId']?.slice(-3)))
const proved = ({ heard }: FakeRelay): readonly number[] =>
  heard
    .flatMap((message) => (message.t === 'displayed' ? [Number(message.alert.slice(-3))] : []))
    .toSorted((a, b) => a - b)

async function open(count: number) {
  const alerts = numbers(1, count).map((n) => floodAlert(n))
  const mounted = await stage.open({
    hash: '#/line-3/orders',
    view: view(0, { channels: [stateChannel(URGENT_CHANNEL, 1, alerts)] }),
  })
  await expect.poll(() => all('.alarm')).toHaveLength(Math.min(10, count))
  // What is watched is told of its first size.
  await painted()
  await painted()
  return mounted
}

function raise(relay: FakeRelay, n: number): void {
  const raised = event(n + 1, setting(floodAlert(n)), { type: 'alert.raised' })
  relay.tell({ t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: raised })
}

describe.each(ALARM_SCREENS)('at %i × %i', (width, height) => {
  beforeEach(() => page.viewport(width, height))

  test('of two hundred ten are seen whole, each with its button, and how many more there are [F5]', async () => {
    await stage.show('p0-flood')
    await expect.poll(() => all('.alarm')).toHaveLength(10)
    expect(find('#overlay-title').textContent).toBe('200 critical alerts nobody has yet')
    expect(find('.alarms-waiting p').textContent).toMatch(
      /^190 more come up as these are taken\.Newest: Stop the press/,
    )
    const least = leastPressed(width, height)
    const buttons = all('.overlay .button')
    expect(buttons).toHaveLength(11)
    for (const element of [...buttons, ...all('.alarm-title:not(.is-measured)'), find('.alarms-waiting p')]) {
      expect(isInside(element), element.textContent).toBe(true)
    }
    for (const button of buttons) expect(button.getBoundingClientRect().height).toBeGreaterThanOrEqual(least)
    expect(all('.scroller-more')).toHaveLength(0)
  })
})

describe('a flood of P0 [F5]', () => {
  beforeEach(() => page.viewport(1_280, 800))

  test('the two hundred and first costs the page as little as the twentieth: no element, and nothing is measured', async () => {
    const { relay } = await open(19)
    const twentieth = await costOf(async () => {
      raise(relay, 20)
      await expect.poll(() => find('#overlay-title').textContent).toMatch(/^20 /)
    })
    for (const n of numbers(21, 200)) raise(relay, n)
    await expect.poll(() => find('#overlay-title').textContent).toMatch(/^200 /)
    expect(all('.alarm')).toHaveLength(10)
    const last = await costOf(async () => {
      raise(relay, 201)
      await expect.poll(() => find('#overlay-title').textContent).toMatch(/^201 /)
    })
    expect(find('.alarms-waiting').textContent).toContain('Newest: Light curtain broken · Press 201')
    const nothing = { elements: 0, measures: 0 }
    expect({ twentieth, last }).toEqual({ twentieth: nothing, last: nothing })
  })

  test('one that is taken gives its place to the next, which was not aimed at; the others stay', async () => {
    const { relay } = await open(200)
    await press(page.getByRole('button', { name: 'I have it: Light curtain broken · Press 4', exact: true }))
    await expect.poll(shown).toEqual([1, 2, 3, 11, 5, 6, 7, 8, 9, 10])
    expect(find('#overlay-title').textContent).toMatch(/^199 /)
    expect(find('.alarms-waiting').textContent).toMatch(/^189 more/)
    expect(all('.overlay-acknowledge').map(({ ariaDisabled }) => ariaDisabled)[3]).toBe('true')
    expect(relay.heard.filter((message) => message.t === 'command')).toHaveLength(1)
  })

  test('the newest are one press away; displayed is only what was on the screen [P4]', async () => {
    const { relay } = await open(200)
    await expect.poll(() => proved(relay)).toEqual(numbers(1, 10))
    await press(page.getByRole('button', { name: 'Show others' }))
    await expect.poll(shown).toEqual(numbers(191, 200))
    expect(find('.alarms-waiting').textContent).toContain('Newest: Light curtain broken · Press 190')
    await expect.poll(() => proved(relay)).toEqual([...numbers(1, 10), ...numbers(191, 200)])
    for (const n of numbers(201, 230)) raise(relay, n)
    await expect.poll(() => find('#overlay-title').textContent).toMatch(/^230 /)
    await painted()
    await painted()
    expect(shown()).toEqual(numbers(191, 200))
    expect(proved(relay)).toHaveLength(20)
  })
})

/** Elements that come into the overlay, and how often something in it is measured or watched, until `deed` is painted. */
async function costOf(deed: () => Promise<void>): Promise<{ readonly elements: number; readonly measures: number }> {
  const overlay = find('.overlay')
  let measures = 0
  const counted = (element: unknown): void => {
    if (element instanceof Element && overlay.contains(element)) measures += 1
  }
  const release = [
    countCalls(Element.prototype, 'getBoundingClientRect', (on) => counted(on)),
    countCalls(ResizeObserver.prototype, 'observe', (_, element) => counted(element)),
    countCalls(IntersectionObserver.prototype, 'observe', (_, element) => counted(element)),
  ]
  const added: Node[] = []
  const note = (records: readonly MutationRecord[]): void => {
    added.push(...records.flatMap(({ addedNodes }) => [...addedNodes]))
  }
  const observer = new MutationObserver(note)
  observer.observe(overlay, { childList: true, subtree: true })
  await deed()
  await painted()
  note(observer.takeRecords())
  observer.disconnect()
  for (const restore of release) restore()
  return { elements: added.filter((node) => node instanceof Element).length, measures }
}

/** Tells of each call of a method, which does what it did. Returns the release. */
function countCalls<Name extends string>(
  owner: Record<Name, (...given: never[]) => unknown>,
  name: Name,
  heard: (on: unknown, first: unknown) => void,
): () => void {
  const own = owner[name]
  owner[name] = function counting(this: unknown, ...given: never[]) {
    heard(this, given[0])
    return own.apply(this, given)
  }
  return () => {
    owner[name] = own
  }
}
