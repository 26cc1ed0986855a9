import type { Line } from '../../support/processes.ts'
import type { Log } from './ledger-log.ts'
import { textOf, type Asked, type Counts, type Excuse, type Violation } from './ledger-terms.ts'

interface Order {
  readonly asked: Asked
  isSaved: boolean
  /** The first final result; every other must be the same. */
  end: Line | null
  refusal: Line | null
}

/** What was asked for and how it ended: the promises of writing (P1). */
export class Orders {
  readonly #violated: (violation: Violation) => void
  readonly #orders = new Map<string, Order>()
  /** Per relay and lane, in the order of the first `saved`: the order of the lane. */
  readonly #lanes = new Map<string, Order[]>()
  /** Each by itself: a full disk that is cleared may be followed by another before the first one's last word. */
  readonly #excuses = new Set<{ readonly relay: number; readonly excuse: Excuse }>()
  /** Without an end, for the many questions about them. */
  readonly #open = new Set<Order>()
  #saved = 0

  constructor(violated: (violation: Violation) => void) {
    this.#violated = violated
  }

  asked(asked: Asked): void {
    const key = keyOf(asked.relay, asked.ref)
    if (this.#orders.has(key)) return
    const order: Order = { asked, isSaved: false, end: null, refusal: null }
    this.#orders.set(key, order)
    this.#open.add(order)
  }

  mayRefuse(relay: number, excuse: Excuse): () => void {
    const made = { relay, excuse }
    this.#excuses.add(made)
    return () => this.#excuses.delete(made)
  }

  saved(relay: number, ref: string): void {
    const order = this.#find(relay, ref, 'saved')
    if (order === null || order.isSaved) return
    if (order.refusal !== null) {
      this.#violated({ promise: 'what was refused was not saved', evidence: [show(order.refusal), `saved ${ref}`] })
    }
    order.isSaved = true
    this.#saved += 1
    const lane = `${relay} ${order.asked.lane}`
    const orders = this.#lanes.get(lane)
    if (orders === undefined) this.#lanes.set(lane, [order])
    else orders.push(order)
  }

  ended(relay: number, line: Line): void {
    const order = this.#find(relay, textOf(line['ref']), 'result')
    if (order === null || line['outcome'] === 'retry-later') return
    this.#open.delete(order)
    if (order.end !== null) {
      if (show(order.end) !== show(line)) {
        this.#violated({ promise: 'a command has one end', evidence: [show(order.end), show(line)] })
      }
      return
    }
    order.end = line
    if (order.refusal !== null) {
      this.#violated({ promise: 'what was refused has no result', evidence: [show(order.refusal), show(line)] })
    }
    this.#judge(order, line)
  }

  refused(relay: number, line: Line): void {
    const ref = textOf(line['ref'])
    if (ref === '') return this.#refusedOther(line)
    const order = this.#find(relay, ref, 'error')
    if (order === null) return
    if (order.isSaved) this.#violated({ promise: 'what was saved is not refused', evidence: [show(line)] })
    if (!this.#isExcused(relay, line)) {
      this.#violated({
        promise: 'a command is refused only by a full disk or a relay that stops',
        evidence: [show(line)],
      })
    }
    order.refusal = line
    this.#open.delete(order)
  }

  unsaved(relay: number): readonly Asked[] {
    return [...this.#open].filter((order) => order.asked.relay === relay && !order.isSaved).map(({ asked }) => asked)
  }

  open(): readonly Asked[] {
    return [...this.#open].map(({ asked }) => asked)
  }

  close(log: Log): void {
    for (const order of this.#orders.values()) {
      const { effect, ends, ref } = order.asked
      if (order.end === null && order.refusal === null) {
        const what = order.isSaved ? 'saved' : 'asked'
        this.#violated({ promise: `what is ${what} comes to an end`, evidence: [`${what} ${ref}, and no result`] })
      }
      if (effect === null) continue
      const places = log.placesOf(effect)
      // Twice is seen by the log itself.
      if (order.end?.['outcome'] === 'applied' && ends === 'applied' && places.length === 0) {
        this.#violated({ promise: 'what is applied is in the log', evidence: [show(order.end), `no ${effect}`] })
      }
      if ((order.refusal !== null || order.end?.['outcome'] === 'rejected') && places.length > 0) {
        const evidence = [show(order.refusal ?? order.end), `${effect} at ${places.join(', ')}`]
        this.#violated({ promise: 'what was refused or rejected has no effect', evidence })
      }
    }
    for (const [lane, orders] of this.#lanes) this.#judgeLane(lane, orders, log)
  }

  counts(): Omit<Counts, 'events' | 'eventsRead'> {
    const all = [...this.#orders.values()]
    const ended = (outcome: string) => all.filter(({ end }) => end?.['outcome'] === outcome).length
    return {
      asked: all.length,
      saved: this.#saved,
      applied: ended('applied'),
      rejected: ended('rejected'),
      refused: all.filter(({ refusal }) => refusal !== null).length,
      open: this.#open.size,
    }
  }

  /** About a line or a channel. A person's channels wait for the person, who signs in again after each start. */
  #refusedOther(line: Line): void {
    if (line['code'] === 'sign-in-needed' && line['channel'] !== undefined) return
    this.#violated({ promise: 'nothing else is refused', evidence: [show(line)] })
  }

  /** A relay that is told to stop says so to what it has not saved; every other refusal is the disk's. */
  #isExcused(relay: number, line: Line): boolean {
    return [...this.#excuses].some(
      (each) => each.relay === relay && (each.excuse === 'disk-full' || line['code'] === 'unavailable'),
    )
  }

  #judge({ asked }: Order, line: Line): void {
    const { outcome } = line
    if (outcome === 'rejected' && (textOf(line['code']) === '' || textOf(line['message']) === '')) {
      this.#violated({ promise: 'a rejection has a code and a sentence', evidence: [show(line)] })
    }
    // Nobody signs in on these relays, so that more alerts at once than devices may raise alone are turned away (T21).
    const isTooMany = line['code'] === 'too-many-alerts' && asked.effect?.startsWith('raised ') === true
    if (outcome !== asked.ends && !isTooMany) {
      this.#violated({ promise: `a command that should end ${asked.ends} does`, evidence: [show(line)] })
    }
  }

  /** Within one channel, offsets tell the order in which a lane took effect. */
  #judgeLane(lane: string, orders: readonly Order[], log: Log): void {
    const last = new Map<string, { readonly offset: number; readonly ref: string }>()
    for (const { asked, end } of orders) {
      if (asked.effect === null || end?.['outcome'] !== 'applied') continue
      const [place] = log.placesOf(asked.effect)
      if (place === undefined) continue
      const before = last.get(place.stream)
      if (before !== undefined && before.offset > place.offset) {
        const evidence = [`lane ${lane}: saved ${before.ref} (${before.offset}), then ${asked.ref} (${place.offset})`]
        this.#violated({ promise: 'a lane takes effect in its order', evidence })
      }
      last.set(place.stream, { offset: place.offset, ref: asked.ref })
    }
  }

  #find(relay: number, ref: string, what: string): Order | null {
    const order = this.#orders.get(keyOf(relay, ref))
    if (order !== undefined) return order
    this.#violated({ promise: 'a relay speaks of what it was asked', evidence: [`relay ${relay}: ${what} ${ref}`] })
    return null
  }
}

function keyOf(relay: number, ref: string): string {
  return `${relay} ${ref}`
}

function show(line: Line | null): string {
  return JSON.stringify(line)
}
