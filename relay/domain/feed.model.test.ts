/** The feed beside one that looks through lists of everything it heard: whatever the order of bus, port and views, they agree. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { URGENT_CHANNEL } from '../protocol/channels.ts'
import type { BusBody, BusMessage, BusPosition, RelayView } from '../protocol/local.ts'
import { applyBody, newMemory } from './apply-body.ts'
import { newFeed, stepFeed, type Feed, type FeedInput } from './feed.ts'
import { alert, applied, CHAT, command, EPOCH, event, id, message, posted, setting, view } from './testing/samples.ts'
import { modelOfView, type WindowModel } from './window-model.ts'

interface ListedMessage {
  readonly message: BusMessage
  readonly byBus: boolean
  readonly byPort: boolean
}

/** By the rules of `feed.ts` as they are written, and at a price of its own for everything that was ever heard. */
class ListFeed {
  model: WindowModel | null = null
  position: BusPosition | null = null
  early: readonly number[] = []
  isAsked = false
  readonly #memory = newMemory()
  #heard: readonly ListedMessage[] = []

  step(input: FeedInput): boolean {
    if (input.kind === 'viewReceived') return this.#view(input.view)
    if (input.kind !== 'busReceived' && input.kind !== 'copyReceived') return false
    const [byBus, byPort] = [input.kind === 'busReceived', input.kind === 'copyReceived']
    const { bus } = input.message
    if (bus.epoch === this.position?.epoch && bus.seq <= this.position.seq) return false
    const isSame = (one: ListedMessage): boolean =>
      one.message.bus.epoch === bus.epoch && one.message.bus.seq === bus.seq
    const known = this.#heard.find(isSame)
    const merged = {
      message: input.message,
      byBus: byBus || known?.byBus === true,
      byPort: byPort || known?.byPort === true,
    }
    this.#heard = [...this.#heard.filter((one) => !isSame(one)), merged]
    return this.#drain()
  }

  #view(said: RelayView): boolean {
    this.model = modelOfView(said, this.model)
    this.position = said.bus
    this.#heard = this.#heard.filter((one) => one.message.bus.epoch === said.bus.epoch)
    this.early = []
    this.isAsked = false
    return this.#drain()
  }

  #drain(): boolean {
    if (this.position === null || this.model === null) return false
    const { epoch } = this.position
    let needsView = this.#heard.some((one) => one.byBus && one.message.bus.epoch !== epoch)
    const apply = (model: WindowModel, said: BusMessage): WindowModel => {
      const next = applyBody(model, said.body, this.#memory)
      needsView ||= next.needsView
      return next.model
    }
    const ahead = this.#heard
      .filter((one) => one.message.bus.epoch === epoch)
      .toSorted((a, b) => a.message.bus.seq - b.message.bus.seq)
    for (const { message: said, byBus, byPort } of ahead) {
      const { seq } = said.bus
      if (seq <= this.position.seq) continue
      const isEarly = this.early.includes(seq)
      if (seq === this.position.seq + 1) {
        this.position = { epoch, seq }
        this.early = this.early.filter((one) => one !== seq)
        if (!isEarly) this.model = apply(this.model, said)
        continue
      }
      needsView ||= byBus
      if (!byPort || isEarly) continue
      this.early = [...this.early, seq]
      this.model = apply(this.model, said)
    }
    const asks = needsView && !this.isAsked
    this.isAsked ||= needsView
    return asks
  }
}

const said = command(20, 'alert.ack', { id: id(7) })
const raised = (offset: number, n: number): BusBody => {
  const data = setting(alert(n, { priority: 'P0', title: `At ${offset}` }))
  return { t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: event(offset, data, { type: 'alert.raised' }) }
}
const talk = (offset: number, cause?: typeof said.id): BusBody => {
  const one = posted(offset, `At ${offset}`, cause === undefined ? {} : { cause })
  return { t: 'event', channel: CHAT, epoch: EPOCH, event: one }
}
/** What a relay said in one life, by seq. */
const BODIES: readonly BusBody[] = [
  talk(1),
  raised(1, 7),
  { t: 'pending', command: said },
  talk(2),
  raised(2, 8),
  { t: 'settled', settled: applied(said, { [URGENT_CHANNEL]: 3 }) },
  talk(3, said.id),
  raised(3, 7),
  { t: 'replaced', channel: CHAT },
  talk(4),
]
const EPOCHS = ['one', 'two'] as const

const position = fc.record({
  epoch: fc.oneof({ weight: 6, arbitrary: fc.constant(EPOCHS[0]) }, fc.constant(EPOCHS[1])),
  seq: fc.nat(BODIES.length),
})
const inputs = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('busReceived', 'copyReceived'), at: position }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('viewReceived' as const), at: position }) },
  ),
  { maxLength: 60 },
)

test('whatever comes by bus, by port and as views, in any order, is the same as with lists of all of it', () => {
  fc.assert(
    fc.property(inputs, (all) => {
      let feed: Feed = newFeed()
      const listed = new ListFeed()
      for (const { kind, at } of all) {
        const body = BODIES[at.seq - 1] ?? talk(9)
        const input: FeedInput =
          kind === 'viewReceived'
            ? { kind, view: view(at.seq, { bus: at }) }
            : { kind, message: message(at.seq, body, at.epoch) }
        const step = stepFeed(feed, input, 0)
        feed = step.feed
        expect(step.asksView).toBe(listed.step(input))
        const { model, position: place, early } = feed
        expect({ model, place }).toEqual({ model: listed.model, place: listed.position })
        expect([...early].toSorted((a, b) => a - b)).toEqual(listed.early.toSorted((a, b) => a - b))
      }
    }),
    { numRuns: 300 },
  )
})
