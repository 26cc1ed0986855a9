/**
 * How an alert stands, what moves it on, and who may: the one home of it for both ends. ISA-18.2's alarm states, without
 * shelving, suppression and escalation yet:
 *
 *   raise ─▶ active ── acknowledge ──▶ acknowledged ── clear ──▶ gone
 *              │ clear
 *              ▼
 *           cleared ── acknowledge ──▶ gone
 *
 * The record (`AlertRecord`) has a deed for each step that was taken; the state is read from it and nowhere kept apart.
 */
import type { AlertRecord, Deed } from './records.ts'
import { coversArea, type Areas } from './rights.ts'

export type AlertState =
  /** Unacknowledged alarm: somebody is needed. */
  | { readonly kind: 'active' }
  | { readonly kind: 'acknowledged'; readonly acknowledged: Deed }
  /** Returned to normal, unacknowledged. */
  | { readonly kind: 'cleared'; readonly cleared: Deed }
  /** Normal: its record is deleted. */
  | { readonly kind: 'gone'; readonly acknowledged: Deed; readonly cleared: Deed }

export type AlertAction = 'acknowledge' | 'clear'

/** What an action makes of a state; null: it has been taken, the first one stands and the second changes nothing. */
export const TRANSITIONS = {
  active: {
    acknowledge: (_state, acknowledged) => ({ kind: 'acknowledged', acknowledged }),
    clear: (_state, cleared) => ({ kind: 'cleared', cleared }),
  },
  acknowledged: {
    acknowledge: null,
    clear: ({ acknowledged }, cleared) => ({ kind: 'gone', acknowledged, cleared }),
  },
  cleared: {
    acknowledge: ({ cleared }, acknowledged) => ({ kind: 'gone', acknowledged, cleared }),
    clear: null,
  },
  gone: { acknowledge: null, clear: null },
} as const satisfies {
  readonly [Kind in AlertState['kind']]: Readonly<Record<AlertAction, Transition<Kind> | null>>
}
type Of<Kind extends AlertState['kind']> = Extract<AlertState, { readonly kind: Kind }>
type Transition<Kind extends AlertState['kind']> = (state: Of<Kind>, deed: Deed) => AlertState

/**
 * What a state asks of people. `action`: somebody is needed, and is called by sound, flashing and notices until one has it.
 * `look`: nobody is called, but somebody is to confirm it. `nothing`: it is somebody's already.
 */
export const ASKS = {
  active: 'action',
  acknowledged: 'nothing',
  cleared: 'look',
  gone: 'nothing',
} as const satisfies Readonly<Record<AlertState['kind'], 'action' | 'look' | 'nothing'>>

/** The event that says that an action was taken, and what it is told by: its row in the table of events follows. */
export const ALERT_EVENTS = { acknowledge: 'alert.acknowledged', clear: 'alert.cleared' } as const

type Deeds = Pick<AlertRecord, 'acknowledged' | 'cleared'>

export function alertState({ acknowledged, cleared }: Deeds): AlertState {
  if (acknowledged === null) return cleared === null ? { kind: 'active' } : { kind: 'cleared', cleared }
  return cleared === null ? { kind: 'acknowledged', acknowledged } : { kind: 'gone', acknowledged, cleared }
}

/** The state after an action of somebody; null where it changes nothing. */
export function afterAction(state: AlertState, action: AlertAction, deed: Deed): AlertState | null {
  // Each row takes its own state, which a lookup by `kind` cannot tell the compiler.
  const transition = TRANSITIONS[state.kind][action] as Transition<AlertState['kind']> | null
  return transition === null ? null : transition(state, deed)
}

/** Whether an action would still change something of one that stands like this. */
export function isOpenTo(kind: AlertState['kind'], action: AlertAction): boolean {
  return TRANSITIONS[kind][action] !== null
}

/** What the record says of a state. */
export function deedsOf(state: AlertState): Deeds {
  return {
    acknowledged: 'acknowledged' in state ? state.acknowledged : null,
    cleared: 'cleared' in state ? state.cleared : null,
  }
}

/** Anybody may act on an alert who covers its area, in whatever state it is. */
export function mayAct(areas: Areas, alert: Pick<AlertRecord, 'area'>): boolean {
  return coversArea(areas, alert.area)
}

/** A person of that area may raise one there, and a device that stands in it, with or without a person. */
export function mayRaise(actor: { readonly areas: Areas; readonly deviceAreas: Areas }, area: string): boolean {
  return coversArea(actor.areas, area) || coversArea(actor.deviceAreas, area)
}
