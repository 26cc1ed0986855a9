/**
 * Who is signed in. Times run on the monotonic clock by lifetimes, never by `exp` (P7).
 *
 * Invariants
 *   1. The access token is in this state and in `auth` frames; it is never written, posted or logged.
 *   2. At most one sign-in or refresh is under way; the answer to an older `attempt` changes nothing.
 *   3. Signing out ends reading and new authorship in the same step, whatever network and disk do (P9).
 */
import type { SessionId } from '../../protocol/ids.ts'
import type { SessionGrant } from '../../ports.ts'
import { purgePrivate } from '../channels/retention.ts'
import { readerChanged } from '../channels/subscriptions.ts'
import { save } from '../disk/ledger.ts'
import type { SessionRow, SiteRow } from '../disk/rows.ts'
import { sendFrame } from '../link/link.ts'
import { isUp } from '../link/slice.ts'
import type { Turn } from '../step/turn.ts'
import type { PeopleReach, PeopleState } from './slice.ts'
import { tellSession } from './view.ts'

export function newPeople(row: SessionRow | null, site: SiteRow): PeopleState {
  const current = row === null ? null : { ...row, token: null, confirmed: false, refreshAt: 0, expiresAt: 0 }
  return { site, current, job: null, attempt: 0, failures: 0, badTokens: 0, boundOn: null, named: null, deauths: 0 }
}

/** Takes over a grant: in memory with its token, on disk without. */
export function adopt(people: PeopleState, turn: Turn, grant: SessionGrant): void {
  const { session: id, operator, role, areas, generation, accessToken, expiresInMs } = grant
  people.current = {
    id,
    operator,
    role,
    areas,
    generation,
    token: accessToken,
    confirmed: true,
    // Two thirds of its life: a third is left for a network that is away for a while.
    refreshAt: turn.now + Math.floor((expiresInMs * 2) / 3),
    expiresAt: turn.now + expiresInMs,
  }
  storeSession(turn, people.current)
  bind(people, turn)
}

export function storeSession(turn: Turn, { id, operator, role, areas, generation }: SessionRow): void {
  const value: SessionRow = { id, operator, role, areas, generation }
  save(turn, [{ op: 'put', table: 'meta', key: 'session', value }])
}

/** Tells a greeted connection who the person is. */
export function bind(people: PeopleState, turn: Turn): void {
  const { connection } = turn.link
  const { current } = people
  if (!isUp(connection) || current === null || current.token === null) return
  people.boundOn = connection.generation
  sendFrame(turn, { t: 'auth', token: current.token, generation: current.generation })
}

/** Nobody is signed in any more, and nothing private is left. */
export function dropSession({ people, channels }: PeopleReach, turn: Turn): void {
  people.current = null
  people.boundOn = null
  people.failures = 0
  people.badTokens = 0
  if (people.job?.kind === 'refreshing') people.job = null
  save(turn, [{ op: 'delete', table: 'meta', key: 'session' }])
  turn.effects.push({ kind: 'forgetSession' })
  purgePrivate(channels, turn)
  tellSession(turn)
  readerChanged(channels)
}

/** The session that `hello` names. */
export function nameSession(people: PeopleState): SessionId | null {
  people.named = people.current?.id ?? null
  return people.named
}

/** What the site is, as `welcome` says it. */
export function siteReported(people: PeopleState, turn: Turn, { areas, deviceAreas }: SiteRow): void {
  const { site } = people
  if (areas.join() === site.areas.join() && deviceAreas.join() === site.deviceAreas.join()) return
  people.site = { areas, deviceAreas }
  save(turn, [{ op: 'put', table: 'meta', key: 'site', value: people.site }])
  tellSession(turn)
}
