import type pg from 'pg'
import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { firstEpoch } from './first-epoch.ts'

/** Rows of `meta` that stand for what has a bound over many rows: the devices that are known, and the reviews. */
export type Register = 'registry' | 'reviews'

/**
 * What a group holds until it commits. Everybody takes them in this order, and of one kind by key, so that two groups never
 * wait for each other: devices, marks, channels, registers, timers.
 *
 * `isExclusive`: its devices are held against everybody, and then their marks need no lock of their own; otherwise against
 * those alone who change a device, so that the lanes of one device do not wait for each other.
 */
export interface LockSet {
  isExclusive: boolean
  readonly devices: Set<DeviceId>
  /** As `markKey` names them. */
  readonly marks: Set<string>
  readonly channels: Set<ChannelName>
  readonly registers: Set<Register>
  readonly timers: Set<string>
}

export function noLocks(): LockSet {
  return {
    isExclusive: false,
    devices: new Set(),
    marks: new Set(),
    channels: new Set(),
    registers: new Set(),
    timers: new Set(),
  }
}

export function markKey(device: string, epoch: string, lane: string): string {
  return JSON.stringify([device, epoch, lane])
}

export function union(one: LockSet, other: LockSet): LockSet {
  return {
    isExclusive: one.isExclusive || other.isExclusive,
    devices: new Set([...one.devices, ...other.devices]),
    marks: new Set([...one.marks, ...other.marks]),
    channels: new Set([...one.channels, ...other.channels]),
    registers: new Set([...one.registers, ...other.registers]),
    timers: new Set([...one.timers, ...other.timers]),
  }
}

/** Whether these may be taken by who holds those already, without going back to an earlier place of the order. */
export function isBehind(more: LockSet, held: LockSet): boolean {
  if (more.isExclusive !== held.isExclusive && more.isExclusive) return false
  const last = Math.max(-1, ...places(held).map(([kind]) => kind))
  return places(more).every(([kind, least]) => {
    if (kind > last) return true
    const most = places(held).find(([each]) => each === kind)?.[2]
    return kind === last && (most === undefined || least > most)
  })
}

/** Of each kind that has any: its place in the order, and its least and greatest key. */
function places(locks: LockSet): readonly (readonly [kind: number, least: string, most: string])[] {
  const { devices, marks, channels, registers, timers } = locks
  return [devices, marks, channels, registers, timers].flatMap((keys, kind) => {
    const sorted = [...keys].toSorted(byBytes)
    const [least] = sorted
    const most = sorted.at(-1)
    return least === undefined || most === undefined ? [] : [[kind, least, most] as const]
  })
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

/** Channels that are in the database for certain: none is ever deleted. Bounded by the names the gateway lets through. */
export type KnownChannels = Set<ChannelName>

export interface LockContext {
  readonly incarnation: Incarnation
  readonly known: KnownChannels
}

/**
 * Takes these, in order; a channel nobody wrote to is made. Everything is sent at once, and each statement waits for the one
 * before, so the order holds.
 */
export function takeLocks(
  client: Pick<pg.PoolClient, 'query'>,
  locks: LockSet,
  { incarnation, known }: LockContext,
): Promise<unknown> {
  const { devices, marks, channels, registers, timers, isExclusive } = locks
  const sent: Promise<unknown>[] = []
  const send = (text: string, ...values: unknown[]): void => void sent.push(client.query(text, values))
  if (devices.size > 0)
    send(
      `SELECT 1 FROM andon.devices WHERE id = ANY ($1::text[]) ORDER BY id FOR ${isExclusive ? 'NO KEY UPDATE' : 'SHARE'}`,
      [...devices],
    )
  if (marks.size > 0 && !isExclusive) {
    const keys = [...marks].map((key) => JSON.parse(key) as [string, string, string])
    send(
      `SELECT 1 FROM andon.marks WHERE (device, epoch, lane) IN
       (SELECT * FROM unnest($1::text[], $2::text[], $3::text[])) ORDER BY device, epoch, lane FOR NO KEY UPDATE`,
      keys.map(([device]) => device),
      keys.map(([, epoch]) => epoch),
      keys.map(([, , lane]) => lane),
    )
  }
  if (channels.size > 0) {
    const names = [...channels].toSorted(byBytes)
    const unknown = names.filter((name) => !known.has(name))
    if (unknown.length > 0)
      send(
        `INSERT INTO andon.channels (name, epoch) SELECT * FROM unnest($1::text[], $2::text[]) AS c (name, epoch)
         ORDER BY name ON CONFLICT DO NOTHING`,
        unknown,
        unknown.map((name) => firstEpoch(incarnation, name)),
      )
    send('SELECT 1 FROM andon.channels WHERE name = ANY ($1::text[]) ORDER BY name FOR NO KEY UPDATE', names)
  }
  if (registers.size > 0)
    send('SELECT 1 FROM andon.meta WHERE key = ANY ($1::text[]) ORDER BY key FOR NO KEY UPDATE', [...registers])
  if (timers.size > 0)
    send('SELECT 1 FROM andon.timers WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE', [...timers])
  return Promise.all(sent)
}
