/** A line on which everything fails at once: alerts by the dozen a second, and a P0 now and then. For the gallery and its bench. */
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { AlertRecord, Priority } from '../../relay/protocol/records.ts'
import { alert, EPOCH, event, setting } from '../../relay/domain/testing/samples.ts'
import type { FakeRelay } from './fake-relay.ts'

const AREA = channelName('alerts', 'line-3')
/** Of a hundred that are no P0: a flood is mostly of little weight. */
const SHARE: readonly (readonly [Priority, number])[] = [
  ['P1', 5],
  ['P2', 35],
  ['P3', 60],
]

interface FloodOptions {
  /** The last offset of both channels in what the relay shows. */
  readonly offset: number
  /** Of how many one is a P0; 0: none is. */
  readonly p0Every?: number
}

/** Alerts that stand at once; from then on the oldest goes as a new one comes. */
const MOST = 1_200
/** Numbers of the P0s: above those of every other alert of a flood. */
const FIRST_P0 = 500_000

/** Raises on demand; every alert is a message of its own, as it comes from the relay. */
export class Flood {
  readonly #relay: Pick<FakeRelay, 'tell'>
  readonly #offsets = { urgent: 0, area: 0 }
  readonly #p0Every: number
  #raised = 0
  #p0s = 0

  constructor(relay: Pick<FakeRelay, 'tell'>, { offset, p0Every = 0 }: FloodOptions) {
    this.#relay = relay
    this.#offsets = { urgent: offset, area: offset }
    this.#p0Every = p0Every
  }

  /** `rate` alerts a second until the page goes, whatever the page is able to. */
  start(rate: number): void {
    const began = performance.now()
    let asked = 0
    setInterval(() => {
      const due = Math.floor(((performance.now() - began) * rate) / 1_000)
      for (; asked < due; asked += 1) inTaskOfItsOwn(() => this.#raiseNext())
    }, 1_000 / rate)
  }

  /** A P0; the words to look for on the screen, and its end. */
  raiseP0(): { readonly title: string; readonly end: () => void } {
    this.#p0s += 1
    const record = alertOf(FIRST_P0 + this.#p0s, 'P0')
    this.#tell(record, 'alert.raised')
    return { title: record.title, end: () => this.#tell(record, 'alert.acknowledged') }
  }

  #raiseNext(): void {
    this.#raised += 1
    this.#tell(this.#alertOf(this.#raised), 'alert.raised')
    const old = this.#raised - MOST
    if (old > 0) this.#tell(this.#alertOf(old), 'alert.acknowledged')
  }

  #alertOf(n: number): AlertRecord {
    return alertOf(n, this.#p0Every > 0 && n % this.#p0Every === 0 ? 'P0' : priorityOf(n))
  }

  #tell(record: AlertRecord, type: string): void {
    const isUrgent = record.priority === 'P0' || record.priority === 'P1'
    const offset = (this.#offsets[isUrgent ? 'urgent' : 'area'] += 1)
    const data = type === 'alert.raised' ? setting(record) : { key: record.id, record: null }
    // Ids of events are made of offsets; those of two channels must not meet.
    const body: StoredEvent = { ...event(offset + (isUrgent ? 5_000_000 : 0), data, { type }), offset }
    this.#relay.tell({ t: 'event', channel: isUrgent ? URGENT_CHANNEL : AREA, epoch: EPOCH, event: body })
  }
}

function alertOf(n: number, priority: Priority): AlertRecord {
  const raised = { by: 'device:press-2', on: 'press-2', at: new Date().toISOString() }
  return alert(100_000 + n, {
    priority,
    title: `Flood ${n} · Station ${n % 40}`,
    body: 'Out of band, call quality',
    raised,
  })
}

function priorityOf(n: number): Priority {
  let place = (n * 37) % 100
  for (const [priority, share] of SHARE) {
    if (place < share) return priority
    place -= share
  }
  return 'P3'
}

function inTaskOfItsOwn(call: () => void): void {
  const { port1, port2 } = new MessageChannel()
  const heard = (): void => {
    port1.close()
    call()
  }
  port1.addEventListener('message', heard, { once: true })
  port1.start()
  port2.postMessage(null)
}
