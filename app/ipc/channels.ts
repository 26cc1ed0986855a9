/**
 * What a window asks of the main process, and what main tells a window, beside the window's port to the relay. One row per
 * channel: name, arguments, direction. Everything else is refused (`app/main/ipc.ts`).
 */
import * as v from 'valibot'
import type { NoticeAvailability } from '../../relay/protocol/notices.ts'

/** Asked by a window and always answered; `args` is what the page may say. */
export const ASKED = {
  /** A port to the relay; it follows as `TOLD.relayPort`, because an answer cannot carry one. */
  connect: { channel: 'andon:connect', args: v.strictTuple([]) },
  noticeAvailability: { channel: 'andon:notice-availability', args: v.strictTuple([]) },
  /** Whether a person could see this window. */
  isInSight: { channel: 'andon:is-in-sight', args: v.strictTuple([]) },
} as const

/** Told by main to one window; the type is what it carries. */
export const TOLD = {
  relayPort: 'andon:relay-port',
  noticeAvailability: 'andon:notice-availability-changed',
  alertPressed: 'andon:alert-pressed',
  sight: 'andon:sight-changed',
} as const

export type AskedName = keyof typeof ASKED

/** What each answer holds. */
export interface Answers {
  readonly connect: null
  readonly noticeAvailability: NoticeAvailability
  readonly isInSight: boolean
}

/** An answer over IPC: a value, since an exception would lose its code on the way. */
export type Answer<N extends AskedName> =
  | { readonly ok: true; readonly value: Answers[N] }
  | { readonly ok: false; readonly code: string; readonly message: string }
