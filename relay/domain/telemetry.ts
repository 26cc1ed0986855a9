/** Machines and their values as a window shows them: what the relay holds of `equipment/…`, with what is live laid over it. */
import { channelName, type ChannelName } from '../protocol/channels.ts'
import { machineKey, telemetryChannel } from '../protocol/machine-names.ts'
import type { MachineRecord, MachineSignal, SignalLimits, TelemetryValue } from '../protocol/telemetry.ts'
import { isLiveCurrent, type LiveModel } from './live.ts'
import type { WindowModel } from './window-model.ts'

/**
 * `current` — the present value. `stale` — the last one known, `ageMs` old, and it says so (P5). `unknown` — this window
 * has heard no value; the machine's `lastSampleAt` says when there was one.
 */
export type Freshness = 'current' | 'stale' | 'unknown'

/** One tile: a signal with its value of the moment. */
export interface Reading {
  readonly signal: MachineSignal
  readonly freshness: Freshness
  /** Null while unknown. */
  readonly value: TelemetryValue | null
  /** Milliseconds since the server took it; null while unknown. */
  readonly ageMs: number | null
  /** Beyond its limits; null within them, without limits, or while unknown. Also of a stale value: it was so then. */
  readonly breach: 'low' | 'high' | null
}

/** The machines of an area by id; none while the relay has not brought the channel. */
export function machinesOf(model: WindowModel, area: string): readonly MachineRecord[] {
  const records = model.channels.get(channelName('equipment', area))?.records ?? {}
  // Only the server's telemetry domain writes these records.
  const machines = Object.values(records).map(({ record }) => record as MachineRecord)
  return machines.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** One machine of `machinesOf`; null when there is none. */
export function machineOf(model: WindowModel, area: string, machine: string): MachineRecord | null {
  const held = model.channels.get(channelName('equipment', area))?.records?.[machineKey(area, machine)]
  return held === undefined ? null : (held.record as MachineRecord)
}

/** What to show for these machines to be live: the channels for `WindowClient.show`. */
export function liveChannelsOf(machines: readonly Pick<MachineRecord, 'area' | 'id'>[]): readonly ChannelName[] {
  return machines.map(({ area, id }) => telemetryChannel(area, id))
}

/** A signal of the machine with its value at `now` (the window's monotonic clock). */
export function readingOf(
  machine: Pick<MachineRecord, 'area' | 'id'>,
  signal: MachineSignal,
  { live, now }: { readonly live: LiveModel; readonly now: number },
): Reading {
  const entry = live.get(telemetryChannel(machine.area, machine.id))?.get(signal.name)
  if (entry === undefined) return { signal, freshness: 'unknown', value: null, ageMs: null, breach: null }
  // The server's telemetry domain writes these values.
  const value = entry.value as TelemetryValue
  return {
    signal,
    freshness: isLiveCurrent(entry, now) ? 'current' : 'stale',
    value,
    ageMs: Math.max(0, now - entry.confirmedAt),
    breach: breachOf(value.value, value.limits ?? signal.limits),
  }
}

/** On which side a value is beyond its limits, both of which are still normal. */
export function breachOf(value: number, limits: SignalLimits | null): Reading['breach'] {
  if (limits === null) return null
  if (limits.low !== null && value < limits.low) return 'low'
  return limits.high !== null && value > limits.high ? 'high' : null
}
