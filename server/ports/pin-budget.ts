/** How fast PINs may be tried (X4): what is wrong is counted, by whichever node it was tried. */
import type { PastSignIns } from './sessions.ts'

export interface PinAttempt {
  readonly device: string
  readonly operator: string
  /** Where the request comes from (`Client.source`). */
  readonly source: string
  readonly past: PastSignIns
}

/** `wait`: too much was wrong. `queue`: it depends on what is under way now; ask again when something of that is decided. */
export type Begun =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'queue' }

/**
 * What may be tried, and what was. Of one that goes on, `end` follows. Rejects with `StoreUnavailable` where it is not known:
 * then nothing may be tried.
 */
export interface PinBudget {
  begin(attempt: PinAttempt): Promise<Begun>
  /** What `begin` let go on is decided. */
  end(attempt: PinAttempt, verdict: { readonly isRight: boolean }): Promise<void>
  /** Resolves when who has to queue may ask again. */
  decided(): Promise<void>
}

export interface PinKey {
  readonly kind: string
  readonly key: string
}

/** What is remembered of one key. Times are epoch milliseconds. */
export interface PinCount extends PinKey {
  readonly level: number
  readonly at: number
  /** Begun and not yet decided. */
  readonly pending: number
  /** Until when nothing more may be tried; 0 where it may. */
  readonly lockedUntil: number
}

/** What decides, on counts that somebody else keeps: pure, and each call is one change of all of its keys. */
export interface PinLaw {
  /** Keys of one kind that are remembered; beyond it the one that was quiet longest goes. */
  readonly maxKeys: number
  keysOf(attempt: PinAttempt): readonly PinKey[]
  /** When it is as if it had never been, epoch milliseconds. */
  goneAt(count: PinCount): number
  /** `counts`: what is remembered of the attempt's keys. Answers what is to be, absent where that is nothing. */
  begin(counts: readonly PinCount[], attempt: PinAttempt, now: number): [Begun, readonly PinCount[]]
  end(
    counts: readonly PinCount[],
    attempt: PinAttempt,
    verdict: { readonly isRight: boolean; readonly now: number },
  ): readonly PinCount[]
}
