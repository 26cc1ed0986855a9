import type { AlertRow } from '../../relay/domain/alerts.ts'
import { mayAct } from '../../relay/protocol/alert-state.ts'
import type { App } from './app.ts'

/**
 * What this person can do about an alert. The server decides when the command arrives; this spares a person the press
 * that cannot succeed, and says why.
 */
export function rightTo(app: App, row: AlertRow): 'yes' | 'sign-in' | 'other-area' {
  const person = app.session.value
  if (person === null) return 'sign-in'
  return mayAct(person.areas, row) ? 'yes' : 'other-area'
}
