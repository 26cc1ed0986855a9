import { describe, expect, it } from 'vitest'
import { outboxKey, type OutboxMeta, type OutboxRow } from '../../relay/core/disk/rows.ts'
import type { SocketHandle } from '../../relay/ports.ts'
import { encodeFrame } from '../../relay/protocol/codec.ts'
import type { CommandId, OutboxEpoch } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { frameBytes } from '../../server/gateway/shared-bytes.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { Link } from './simulated-network.ts'
import { SimulatedTime } from './simulated-time.ts'
import { triedBefore, UplinkWatch } from './uplink-watch.ts'

const BEFORE = 'a normal command went before an urgent one'
const NEWER = 'u3' as CommandId
const BUSY = { code: 'unavailable', message: 'Later.', afterMs: 2_000 } as const

/** A device with two urgent commands and a normal one, told saved, of which none has ended. */
class Desk {
  readonly disk = new SimulatedDisk()
  readonly time = new SimulatedTime()
  readonly violations: string[] = []
  readonly #watched = {
    disk: this.disk,
    savedUrgent: new Set<string>(['u1', 'u2', NEWER]),
    answered: new Set<string>(),
    urgentTried: null,
  }

  constructor(meta: Partial<OutboxMeta> = {}) {
    this.put('urgent', 1)
    this.put('urgent', 2)
    this.put('normal', 1)
    this.meta(meta)
  }

  put(lane: Lane, seq: number, { id = idOf(lane, seq), volume = 0 } = {}): void {
    const row: Partial<OutboxRow> = { id, lane, seq }
    this.disk.apply([{ op: 'put', table: 'outbox', key: outboxKey(lane, seq, volume), text: JSON.stringify(row) }])
  }

  meta(meta: Partial<OutboxMeta>): void {
    const next = { urgent: 3, normal: 2 }
    const value: OutboxMeta = { epoch: 'e' as OutboxEpoch, incarnation: null, next, ...meta }
    this.disk.apply([{ op: 'put', table: 'meta', key: 'outbox', text: JSON.stringify(value) }])
  }

  /** The next connection of this device. */
  connect(): { readonly link: Link; readonly handle: SocketHandle } {
    const watch = new UplinkWatch(this.#watched, (what) => void this.violations.push(what))
    const link = new Link({
      time: this.time,
      latency: () => 1,
      events: { opened: () => undefined, received: () => undefined, closed: () => undefined },
      sent: (text) => watch.sent(text),
      heard: (text) => watch.heard(text),
    })
    return { link, handle: link.handle() }
  }
}

function idOf(lane: Lane, seq: number): CommandId {
  return `${lane === 'urgent' ? 'u' : 'n'}${seq}` as CommandId
}

function send({ handle }: { readonly handle: SocketHandle }, lane: Lane, seq: number): void {
  handle.send(encodeFrame({ t: 'command', lane, seq, id: idOf(lane, seq), type: 'chat.post', data: null }))
}

describe('[R7] a normal command is not sent while an urgent one could be', () => {
  it('which is one that was told saved and has no answer', () => {
    const desk = new Desk()
    const connection = desk.connect()
    send(connection, 'urgent', 1)
    send(connection, 'normal', 1)
    expect(desk.violations).toEqual([BEFORE])
  })

  it('[R8] and none can be behind one that was told "later", until that has ended', async () => {
    const desk = new Desk()
    const connection = desk.connect()
    send(connection, 'urgent', 1)
    connection.link.carry([frameBytes({ t: 'retry-later', lane: 'urgent', seq: 1, id: idOf('urgent', 1), ...BUSY })])
    await desk.time.advance(5)
    send(connection, 'normal', 1)
    expect(desk.violations).toEqual([])
    connection.link.carry([applied('urgent', 1)])
    await desk.time.advance(5)
    send(connection, 'normal', 1)
    expect(desk.violations).toEqual([BEFORE])
  })

  it('[R16] nor could one of an epoch that was given up, whose commands are being reviewed', () => {
    const desk = new Desk()
    desk.meta({ volume: 1 })
    desk.put('normal', 1, { volume: 1 })
    send(desk.connect(), 'normal', 1)
    expect(desk.violations).toEqual([])
  })

  it('[R8 R16] and what was told "later" in such an epoch holds up nothing of the new one', async () => {
    const desk = new Desk()
    const connection = desk.connect()
    send(connection, 'urgent', 1)
    connection.link.carry([frameBytes({ t: 'retry-later', lane: 'urgent', seq: 1, id: idOf('urgent', 1), ...BUSY })])
    await desk.time.advance(5)
    desk.meta({ volume: 1 })
    desk.put('urgent', 1, { id: NEWER, volume: 1 })
    desk.put('normal', 1, { volume: 1 })
    send(desk.connect(), 'normal', 1)
    expect(desk.violations).toEqual([BEFORE])
  })
})

it('[R2] an answer on a socket that the relay has closed is none: what was told "later" is tried alone as before', async () => {
  const desk = new Desk()
  const old = desk.connect()
  send(old, 'urgent', 1)
  old.link.carry([frameBytes({ t: 'retry-later', lane: 'urgent', seq: 1, id: idOf('urgent', 1), ...BUSY })])
  await desk.time.advance(5)
  // A wake replaces the socket while the answer is under way.
  old.link.carry([applied('urgent', 1)])
  old.handle.close(1000, '')
  await desk.time.advance(5)
  const connection = desk.connect()
  send(connection, 'urgent', 1)
  send(connection, 'normal', 1)
  expect(desk.violations).toEqual([])
})

describe('[R8] what a life before this one was told "later"', () => {
  const trying = { urgent: { seq: 1, connectedMs: 0 } }

  it('is tried alone again', () => {
    expect(triedBefore(new Desk({ trying }).disk)).toBe(idOf('urgent', 1))
  })

  it('is nothing when it has ended', () => {
    const { disk } = new Desk({ trying })
    disk.apply([{ op: 'delete', table: 'outbox', key: outboxKey('urgent', 1, 0) }])
    expect(triedBefore(disk)).toBeNull()
  })
})

function applied(lane: Lane, seq: number) {
  return frameBytes({ t: 'result', lane, seq, id: idOf(lane, seq), outcome: 'applied', offsets: {} })
}
