/** Who is signed in on this device, what is under way about it, and what may be read here. */
import type { SessionId } from '../../protocol/ids.ts'
import type { ChannelsState } from '../channels/slice.ts'
import type { SessionRow, SiteRow } from '../disk/rows.ts'
import type { OutboxState } from '../outbox/slice.ts'
import type { Sealed } from '../step/sealed.ts'
import type { Origin } from '../tell/slice.ts'

export interface Session extends SessionRow {
  readonly token: string | null
  readonly confirmed: boolean
  /** Monotonic; when the token is renewed, and when it is of no use any more. */
  readonly refreshAt: number
  readonly expiresAt: number
}

export interface SignIn {
  readonly origin: Origin
  readonly operator: string
  readonly pin: string
  /** Monotonic; longer nobody waits for a connection. */
  readonly until: number
}

export type Job =
  /** Signing in needs the device token of a `welcome`; right after the start it is a moment away. */
  | ({ readonly kind: 'waiting' } & SignIn)
  | ({ readonly kind: 'signing-in'; readonly attempt: number; readonly deviceToken: string } & SignIn)
  | { readonly kind: 'refreshing'; readonly attempt: number }

export interface PeopleState {
  /** The areas there are, and those this device may read without anybody. */
  site: SiteRow
  current: Session | null
  job: Job | null
  attempt: number
  /** Refreshes in a row that did not lead to `authed`. */
  failures: number
  /** Of those, the ones that called the token bad while this connection was up. */
  badTokens: number
  /** Generation of the connection on which `auth` was sent for `current`. */
  boundOn: number | null
  /** The session that `hello` of this connection named: `welcome.session` speaks of that one. */
  named: SessionId | null
  /** `deauth` frames whose `deauthed` may still come. */
  deauths: number
}

/** What people reach: their own slice, and those they hand to functions of the outbox and of channels. */
export interface PeopleReach {
  readonly people: PeopleState
  readonly outbox: Sealed<OutboxState>
  readonly channels: Sealed<ChannelsState>
}
