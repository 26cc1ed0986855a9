import type { ServerResponse } from 'node:http'
import { CLOSE, type CloseRow } from '../../../relay/protocol/close-codes.ts'
import type { FrameEnd } from '../frame-end.ts'
import type { BatchUp } from './batch-intake.ts'

/** Why a link ends that its peer did not speak as it must. */
export type Breach = 'frame-too-large' | 'bad-batch'

/** The row that says so. */
export const BREACH_ROWS: Readonly<Record<Breach, CloseRow>> = {
  'frame-too-large': CLOSE.frameTooLarge,
  'bad-batch': CLOSE.badFrame,
}

/** An end whose frames come in requests: what its door tells it of them. */
export interface LinkEnd<B extends BatchUp> extends FrameEnd {
  /** So many bytes more, or less, came of bodies that are not whole. False where nothing of them is wanted any more. */
  grew(bytes: number): boolean
  /** A batch, whole and of the right shape; it answers when it is time. */
  came(batch: B, response: ServerResponse): void
  /** It was closed while a body was still coming: what its request is told. */
  interrupted(response: ServerResponse): void
  /** A request of this link was none: it is over. The door has answered. */
  breached(why: Breach): void
}
