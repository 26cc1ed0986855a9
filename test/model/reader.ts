import { isDeepStrictEqual } from 'node:util'
import type { Observation } from '../../relay/ports.ts'
import type { ChannelView } from '../../relay/protocol/local.ts'
import { parseChannel } from '../../relay/protocol/channels.ts'
import type { Ledger, Violate } from './ledger.ts'

interface Position {
  readonly epoch: string | null
  readonly offset: number
}

/**
 * A careful program on one device: reads what the relay observes and complains about what P2 and P9 forbid.
 *
 * 1. In each life a channel begins with a snapshot; a later one is announced by a reset.
 * 2. Events follow in order, once, without a gap, and are those the store committed.
 * 3. What was observed was durable: a later life does not begin before it, unless the channel was reset.
 * 4. With nobody signed in, nothing is observed that needs a person.
 */
export class Reader {
  readonly #ledger: Ledger
  readonly #violate: Violate
  readonly #at: Map<string, Position>
  readonly #started = new Set<string>()
  readonly #reset = new Set<string>()
  #isSignedIn = false

  constructor(ledger: Ledger, violate: Violate, at: ReadonlyMap<string, Position> = new Map()) {
    this.#ledger = ledger
    this.#violate = violate
    this.#at = new Map(at)
  }

  copy(): Reader {
    return new Reader(this.#ledger, this.#violate, this.#at)
  }

  newLife(): void {
    this.#started.clear()
    this.#reset.clear()
  }

  /** The host does not follow it any more: its next word on it is a snapshot. */
  left(channel: string): void {
    this.#started.delete(channel)
    this.#reset.delete(channel)
  }

  observe(each: Observation): void {
    if (each.kind === 'session') this.#person(each.session !== null)
    else if (each.kind === 'reset') {
      this.#reset.add(each.channel)
      if (!this.#started.has(each.channel)) this.#violate('a reset came before the first snapshot', each)
    } else if (each.kind === 'snapshot') this.#snapshot(each.view)
    else if (each.kind === 'event') this.#event(each)
  }

  #person(isSignedIn: boolean): void {
    this.#isSignedIn = isSignedIn
    // The next person may begin with a snapshot, or go on where this one stopped.
    if (!isSignedIn) this.#reset.add('chat/line-3')
  }

  #snapshot(view: ChannelView): void {
    const { channel, epoch, offset } = view
    const before = this.#at.get(channel)
    const isFirst = !this.#started.has(channel)
    if (!isFirst && !this.#reset.has(channel)) this.#violate('a snapshot came that no reset announced', { channel })
    if (isFirst && before !== undefined && before.epoch === epoch && offset < before.offset)
      this.#violate('what was observed was not durable', { channel, before, offset })
    this.#started.add(channel)
    this.#reset.delete(channel)
    this.#at.set(channel, { epoch, offset })
    this.#checkReadable(channel)
    checkView(view, this.#ledger, this.#violate)
  }

  #event({ channel, epoch, event }: Extract<Observation, { kind: 'event' }>): void {
    const before = this.#at.get(channel)
    if (!this.#started.has(channel)) this.#violate('an event came before the snapshot', { channel, event })
    if (before?.epoch !== epoch || event.offset !== before.offset + 1)
      this.#violate('an event was not the next one', { channel, before, epoch, offset: event.offset })
    this.#at.set(channel, { epoch, offset: event.offset })
    this.#checkReadable(channel)
    const committed = this.#ledger.events(channel, epoch)[event.offset - 1]
    if (!isDeepStrictEqual(event, committed)) this.#violate('an event is not what was committed', { event, committed })
  }

  #checkReadable(channel: string): void {
    if (!this.#isSignedIn && channel.startsWith('chat/'))
      this.#violate('a line was read with nobody signed in', { channel })
  }
}

/** Whether a view holds what the store committed up to its offset. A record may be ahead of it (S4). */
export function checkView(view: ChannelView, ledger: Ledger, violate: Violate): void {
  const { channel, epoch, offset } = view
  if (epoch === null || view.refused !== null) return
  const committed = ledger.events(channel, epoch)
  if (committed.length < offset) violate('a view is ahead of the store', { channel, offset, top: committed.length })
  if (parseChannel(channel)?.kind === 'log') {
    const events = view.events ?? []
    const same = committed.slice(offset - events.length, offset)
    if (!isDeepStrictEqual(events, same)) violate('a view shows other events than were committed', { channel, offset })
    return
  }
  const expected = new Map<string, { readonly offset: number; readonly record: unknown }>()
  for (const { offset: at, data } of committed.slice(0, offset)) fold(expected, at, data)
  for (const [key, held] of Object.entries(view.records ?? {})) {
    const right = expected.get(key)
    expected.delete(key)
    const isNewer =
      held.offset > offset && isDeepStrictEqual(committed[held.offset - 1]?.data, { key, record: held.record })
    if (!isNewer && !isDeepStrictEqual(held, right))
      violate('a view shows another record', { channel, offset, held, right })
  }
  for (const key of expected.keys()) {
    const later = committed.slice(offset).some(({ data }) => (data as { readonly key: string }).key === key)
    if (!later) violate('a view lacks a record', { channel, offset, key })
  }
}

function fold(
  records: Map<string, { readonly offset: number; readonly record: unknown }>,
  offset: number,
  data: unknown,
): void {
  const { key, record } = data as { readonly key: string; readonly record: unknown }
  if (record === null) records.delete(key)
  else records.set(key, { offset, record })
}
