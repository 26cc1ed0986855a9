/**
 * A server as the protocol describes it, in memory and without a clock: what a relay is held against in tests. It takes
 * mark + 1 and nothing else, keeps results until they are confirmed, and counts what took effect.
 */
import type { ChannelName } from '../protocol/channels.ts'
import { TAKES, type ClientFrame, type ClientFrameOf, type ServerFrame } from '../protocol/frames.ts'
import type { StoredEvent } from '../protocol/events.ts'
import type { CommandId, DeviceId, Epoch, EventId, Incarnation, OutboxEpoch, SessionId } from '../protocol/ids.ts'
import { LANES, type Lane } from '../protocol/lanes.ts'
import type { Versions } from '../protocol/version.ts'
import type { Random } from '../ports.ts'
import type { Wire } from './socket-pair.ts'

interface ModelChannel {
  epoch: Epoch
  kind: 'log' | 'state' | 'live'
  events: StoredEvent[]
}

interface Outbox {
  epoch: OutboxEpoch
  readonly marks: Record<Lane, number>
  readonly results: Map<string, Extract<ServerFrame, { t: 'result' }>>
}

export interface Effect {
  readonly lane: Lane
  readonly id: CommandId
  readonly type: string
  readonly data: unknown
  readonly session: SessionId | null
}

type Verdict =
  | { readonly outcome: 'applied' | 'rejected'; readonly code?: string }
  | { readonly afterMs: number; readonly code?: string }

/** Of a server that says "later" for a reason that counts, and gives up when it is asked to (W6). */
export function untilItGivesUp(afterMs: number): (command: ClientFrameOf<'command'>) => Verdict {
  return ({ giveUp }) => (giveUp === true ? { outcome: 'rejected', code: 'gave-up' } : { afterMs })
}

export const DEVICE = 'd'.repeat(43) as DeviceId

export class ModelServer {
  /** What its clock says; it stands still unless a test moves it. */
  time = '2026-11-20T06:00:00.000Z'
  readonly #random: Random
  incarnation: Incarnation
  outbox: Outbox | null = null
  /** What took effect, in order: a command twice in here is a broken promise. */
  readonly effects: Effect[] = []
  /** What it never had, and a greeting said has ended: written down for people. */
  readonly skipped: { readonly lane: Lane; readonly from: number; readonly to: number }[] = []
  readonly channels = new Map<ChannelName, ModelChannel>()
  /** Of live channels: what is current when somebody subscribes, and how many of the last of it come later. */
  readonly liveValues = new Map<ChannelName, Readonly<Record<string, unknown>>>()
  withholds = 0
  readonly receipts: string[] = []
  areas = ['line-1', 'line-2', 'line-3']
  /** Of the device, where these are others. */
  deviceAreas: string[] | null = null
  heartbeatMs = 10_000
  /** What the next `welcome` brings. */
  deviceToken = 'device-token'
  /** Sessions that were ended everywhere; `welcome` says so. */
  readonly revoked = new Set<string>()
  /** How commands end; a test may change its mind. */
  decide: (command: ClientFrameOf<'command'>) => Verdict = () => ({ outcome: 'applied' })
  #attached = new Set<ChannelName>()

  constructor(random: Random) {
    this.#random = random
    this.incarnation = random.uuid() as Incarnation
    this.channel('alerts/urgent', 'state')
  }

  /** What `challenge` names; a server of before names nothing. */
  takes: readonly string[] = TAKES

  channel(name: string, kind: ModelChannel['kind']): ModelChannel {
    const epoch = this.#random.uuid().replaceAll('-', '').slice(-16) as Epoch
    const channel: ModelChannel = { epoch, kind, events: [] }
    this.channels.set(name as ChannelName, channel)
    return channel
  }

  /** Commits an event; sent on this wire if its channel is attached there. */
  publish(wire: Wire | null, name: string, type: string, data: unknown, cause?: CommandId): StoredEvent {
    const channel = this.#channel(name as ChannelName)
    const event: StoredEvent = {
      offset: channel.events.length + 1,
      id: this.#random.uuid() as EventId,
      type,
      at: this.time,
      ...(cause !== undefined && { cause }),
      data,
    }
    channel.events.push(event)
    if (wire !== null && this.#attached.has(name as ChannelName)) {
      wire.send({ t: 'event', channel: name as ChannelName, epoch: channel.epoch, ...event })
    }
    return event
  }

  /** False welcomes a trial as any link. */
  knowsTrials = true
  /** Names of trials that it welcomed. */
  readonly trials = new Set<string>()
  /** What its challenge names. */
  versions: Versions = { min: 1, max: 1 }

  /** A backup of before this device is put in place. */
  restore(): void {
    this.incarnation = this.#random.uuid() as Incarnation
    this.outbox = null
    this.effects.length = 0
  }

  /** Opens the wire and greets. */
  accept(wire: Wire): void {
    this.#attached = new Set()
    this.challenge(wire)
  }

  /** The same for a link beside the living one, which is untouched. */
  challenge(wire: Wire): void {
    wire.open()
    wire.send({
      t: 'challenge',
      nonce: this.#random.uuid(),
      minVersion: this.versions.min,
      maxVersion: this.versions.max,
      ...(this.takes.length > 0 && { takes: [...this.takes] }),
    })
    wire.flushDown()
  }

  /** Takes what the relay sent (at most `limit` frames) and answers; the answers wait on the wire. */
  serve(wire: Wire, limit: number = Infinity): number {
    const frames = wire.flushUp(limit)
    for (const frame of frames) this.#answer(wire, frame)
    return frames.length
  }

  #answer(wire: Wire, frame: ClientFrame): void {
    switch (frame.t) {
      case 'hello':
        return this.#welcome(wire, frame)
      case 'command':
        return wire.send(...this.#command(wire, frame))
      case 'confirm':
        for (const key of this.outbox?.results.keys() ?? []) {
          const [lane, seq] = key.split(':')
          if (lane === frame.lane && Number(seq) <= frame.upTo) this.outbox?.results.delete(key)
        }
        return
      case 'subscribe':
        return this.#subscribe(wire, frame)
      case 'unsubscribe':
        this.#attached.delete(frame.channel as ChannelName)
        return wire.send({ t: 'unsubscribed', channel: frame.channel })
      case 'ping':
        return wire.send({ ...this.pong(frame.nonce), ...padOf(frame) })
      case 'take':
        if (!this.trials.has(frame.link))
          return wire.send({ t: 'error', code: 'unexpected-frame', message: 'No.', about: 'take' })
        wire.send({ t: 'taken' })
        return
      case 'receipts':
        this.receipts.push(...frame.items.map((item) => `${item.alert} ${item.kind}`))
        return wire.send({ t: 'receipted', ref: frame.ref })
      case 'auth':
      case 'deauth':
      case 'credit':
      case 'track':
      case 'signal':
      case 'bye':
        return
    }
  }

  pong(nonce: string): ServerFrame {
    const channels = [...this.#attached].map((name) => {
      const { epoch, events } = this.#channel(name)
      return [name, { epoch, written: events.length, top: events.length }] as const
    })
    return { t: 'pong', nonce, serverTime: this.time, channels: Object.fromEntries(channels) }
  }

  #welcome(wire: Wire, hello: ClientFrameOf<'hello'>): void {
    const trial = hello.trial === true && this.knowsTrials ? `link-of-attempt-${hello.attempt ?? 0}` : null
    if (trial !== null) this.trials.add(trial)
    const { epoch, incarnation, oldest } = hello.outbox
    const isNew = this.outbox === null
    const isOther = incarnation !== null && incarnation !== this.incarnation
    const isForgotten = isNew && incarnation === this.incarnation && (oldest.urgent > 1 || oldest.normal > 1)
    if (this.outbox === null || this.outbox.epoch !== epoch) {
      this.outbox = { epoch, marks: { urgent: 0, normal: 0 }, results: new Map() }
    }
    const { marks } = this.outbox
    const isBehind = !isNew && LANES.some((lane) => oldest[lane] > marks[lane] + 1)
    const isAdopted = isOther || isBehind
    if (isOther) this.outbox.results.clear()
    if (isAdopted) for (const lane of LANES) this.#adopt(lane, oldest[lane] - 1)
    wire.send({
      t: 'welcome',
      version: 1,
      device: DEVICE,
      incarnation: this.incarnation,
      deviceToken: this.deviceToken,
      deviceAreas: this.deviceAreas ?? this.areas,
      areas: this.areas,
      serverTime: this.time,
      heartbeatMs: this.heartbeatMs,
      outbox: isForgotten ? 'forgotten' : isAdopted ? 'adopted' : isNew ? 'new' : 'known',
      marks: { ...marks },
      ...(trial !== null && { trial, deviceToken: '' }),
      ...(hello.session !== undefined && { session: this.revoked.has(hello.session) ? 'revoked' : 'active' }),
    })
  }

  #adopt(lane: Lane, to: number): void {
    const marks = this.outbox?.marks
    if (marks === undefined) return
    if (to > marks[lane]) this.skipped.push({ lane, from: marks[lane] + 1, to })
    marks[lane] = to
  }

  #command(wire: Wire, frame: ClientFrameOf<'command'>): readonly ServerFrame[] {
    const { outbox } = this
    if (outbox === null) throw new Error('a command before hello')
    const { lane, seq, id } = frame
    const expected = outbox.marks[lane] + 1
    if (seq > expected) return [{ t: 'expect', lane, seq: expected }]
    if (seq < expected) {
      const stored = outbox.results.get(`${lane}:${seq}`)
      if (stored?.id === id) return [stored]
      return [{ t: 'outbox-forked', lane, seq, message: 'forked' }]
    }
    const verdict = this.decide(frame)
    if ('afterMs' in verdict) {
      const { afterMs, code = 'handler-failed' } = verdict
      return [{ t: 'retry-later', lane, seq, id, code, message: 'later', afterMs }]
    }
    outbox.marks[lane] = seq
    const result = { t: 'result', lane, seq, id, ...verdict } as const
    outbox.results.set(`${lane}:${seq}`, result)
    if (verdict.outcome === 'applied') this.#apply(wire, frame)
    return [result]
  }

  #apply(wire: Wire, { lane, id, type, data, session }: ClientFrameOf<'command'>): void {
    this.effects.push({ lane, id, type, data, session: session ?? null })
    if (type !== 'chat.post') return
    const { line } = data as { readonly line: string }
    if (this.channels.has(`chat/${line}` as ChannelName)) this.publish(wire, `chat/${line}`, 'chat.posted', data, id)
  }

  #subscribe(wire: Wire, { channel: name, cursor, from }: ClientFrameOf<'subscribe'>): void {
    const channel = this.channels.get(name as ChannelName)
    if (channel === undefined) {
      return wire.send({
        t: 'unsubscribed',
        channel: name,
        code: 'unknown-channel',
        message: 'There is no such channel.',
      })
    }
    const { epoch, events } = channel
    const base = { channel: name as ChannelName, epoch }
    const top = events.length
    if (channel.kind === 'live') {
      const values = Object.entries(this.liveValues.get(base.channel) ?? {})
      wire.send({ t: 'subscribed', ...base, offset: 0, id: null, top: 0, values: values.length })
      const at = this.time
      for (const [key, value] of values.slice(0, values.length - this.withholds))
        wire.send({ t: 'live', channel: base.channel, key, value, at, ageMs: 0, ttlMs: 600_000 })
      return
    }
    this.#attached.add(name as ChannelName)
    const start = from === 'start' ? { epoch, offset: 0, id: null } : cursor
    const known = start === undefined || start.offset === 0 ? null : (events[start.offset - 1]?.id ?? null)
    if (start !== undefined && start.epoch === epoch && start.id === known) {
      wire.send({ t: 'subscribed', ...base, offset: start.offset, id: start.id, top })
      const rest = events.slice(start.offset)
      if (rest.length > 0) wire.send({ t: 'page', ...base, events: rest, top })
      return
    }
    if (start !== undefined) {
      const reason = start.epoch !== epoch ? 'unknown-epoch' : start.offset > top ? 'ahead' : 'unknown-event'
      wire.send({ t: 'reset', channel: base.channel, reason, lost: null })
    }
    const snapshot = {
      t: 'snapshot',
      ...base,
      offset: top,
      id: events.at(-1)?.id ?? null,
      page: 0,
      last: true,
    } as const
    wire.send(
      channel.kind === 'log'
        ? { ...snapshot, events: events.slice(-200) }
        : { ...snapshot, records: recordsOf(events) },
    )
  }

  #channel(name: ChannelName): ModelChannel {
    const channel = this.channels.get(name)
    if (channel === undefined) throw new Error(`no channel ${name}`)
    return channel
  }
}

function recordsOf(events: readonly StoredEvent[]): { key: string; offset: number; record: unknown }[] {
  const records = new Map<string, { key: string; offset: number; record: unknown }>()
  for (const { offset, data } of events) {
    const { key, record } = data as { readonly key: string; readonly record: unknown }
    if (record === null) records.delete(key)
    else records.set(key, { key, offset, record })
  }
  return [...records.values()]
}

/** What the `pong` is to carry (PROTOCOL N13). */
function padOf({ pad }: ClientFrameOf<'ping'>): { readonly pad?: string | Uint8Array<ArrayBuffer> } {
  if (pad === undefined) return {}
  return { pad: typeof pad === 'number' ? 'x'.repeat(pad) : pad }
}
