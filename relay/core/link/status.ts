/** How the link stands, for people and programs; times on this device's clock. */
import { ERRORS, isErrorCode } from '../../protocol/errors.ts'
import type { StatusView } from '../../protocol/local.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { wayReason } from './ladder.ts'
import type { LinkState } from './slice.ts'

export function statusView({ link, ledger, wall, now }: Turn): StatusView {
  const { connection } = link
  const trouble = 'trouble' in connection && connection.kind !== 'live' ? connection.trouble : null
  const warnings = [...link.identity.warnings]
  if (ledger.storage === 'failing') warnings.push(ERRORS['storage-failed'].says)
  return {
    state: connection.kind,
    way: link.ladder.way,
    wayReason: wayReason(link.ladder),
    reason: trouble?.says ?? null,
    code: trouble?.code ?? null,
    forSite: trouble !== null && isErrorCode(trouble.code) && ERRORS[trouble.code].who === 'admin',
    since: link.notLiveSince,
    retryAt: connection.kind === 'waiting' ? Math.round(wall + connection.retryAt - now) : null,
    warnings,
    storage: ledger.storage,
  }
}

/** Tells windows and observers what has changed. Called at the end of every step. */
export function tellStatus(link: LinkState, turn: Turn): void {
  const { told, connection, ladder } = link
  const { storage } = turn.ledger
  if (told.connection === connection && told.ladder === ladder && told.storage === storage) return
  if (connection.kind === 'live') link.notLiveSince = null
  else link.notLiveSince ??= turn.wall
  const status = statusView(turn)
  link.told = { status, connection, ladder, storage }
  // Heartbeats change the connection and nothing that anybody sees.
  if (told.status !== null && JSON.stringify(told.status) === JSON.stringify(status)) return
  announce(turn, { t: 'status', status })
  turn.effects.push({ kind: 'observe', observation: { kind: 'status', status } })
  if (told.status?.state === status.state) return
  const { state: name, code } = status
  turn.effects.push({ kind: 'log', level: 'info', event: 'connection', fields: { state: name, code } })
}
