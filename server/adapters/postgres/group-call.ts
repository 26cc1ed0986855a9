import type { DeviceId } from '../../../relay/protocol/ids.ts'
import { unreachable } from '../../../relay/protocol/rights.ts'
import { laneOf } from '../../../relay/protocol/commands.ts'
import { SYSTEM } from '../../../relay/protocol/record-words.ts'
import type { GreetingRequest } from '../../ports/greeting.ts'
import type { StoreWriter } from '../../ports/store-writer.ts'
import type { Submission } from '../../ports/submission.ts'
import { markKey, noLocks, type LockSet } from './locks.ts'

/** What is carried out in groups: many of them, each small, and of one device in the order they were called. */
export type GroupCall =
  | { readonly kind: 'submit'; readonly submission: Submission }
  | { readonly kind: 'confirm'; readonly request: Parameters<StoreWriter['confirm']>[0] }
  | { readonly kind: 'greet'; readonly request: GreetingRequest }
  | { readonly kind: 'moveLink'; readonly device: DeviceId }
  | { readonly kind: 'seen'; readonly device: DeviceId }

/** Whether it goes before everything else (P3, T15). */
export function isUrgent(call: GroupCall): boolean {
  if (call.kind === 'confirm') return call.request.lane === 'urgent'
  if (call.kind !== 'submit') return false
  const { source, type } = call.submission
  return (source.kind === 'outbox' ? source.lane : laneOf(type)) === 'urgent'
}

/** Who waits for this call. */
export function sourceOf(call: GroupCall): string {
  switch (call.kind) {
    case 'submit': {
      const { source } = call.submission
      if (source.kind === 'system') return SYSTEM
      return source.kind === 'outbox' ? source.device : source.keyId
    }
    case 'confirm':
    case 'greet':
      return call.request.device
    case 'moveLink':
    case 'seen':
      return call.device
    default:
      return unreachable(call)
  }
}

/** What these will hold for certain; channels are known by what their likes wrote to before. */
export function foreseenLocks(calls: readonly GroupCall[]): LockSet {
  const locks = noLocks()
  for (const call of calls) {
    if (call.kind === 'submit') {
      const { source } = call.submission
      if (source.kind === 'system' && source.timer !== null) locks.timers.add(source.timer.id)
      if (source.kind !== 'outbox') continue
      locks.devices.add(source.device)
      locks.marks.add(markKey(source.device, source.epoch, source.lane))
      // Its mark is not there yet.
      if (source.seq === 1) locks.isExclusive = true
      continue
    }
    if (call.kind === 'confirm') {
      const { device, epoch, lane } = call.request
      locks.devices.add(device)
      locks.marks.add(markKey(device, epoch, lane))
      continue
    }
    locks.isExclusive = true
    locks.devices.add(call.kind === 'greet' ? call.request.device : call.device)
  }
  return locks
}
