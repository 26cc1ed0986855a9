import { describe, expect, it } from 'vitest'
import {
  afterAction,
  alertState,
  ASKS,
  deedsOf,
  mayAct,
  mayRaise,
  TRANSITIONS,
  type AlertAction,
  type AlertState,
} from './alert-state.ts'

const deed = (by: string) => ({ by, on: null, at: '2026-11-29T06:00:00.000Z' })
const [kim, lee] = [deed('kim'), deed('lee')]

const STATES = {
  active: { kind: 'active' },
  acknowledged: { kind: 'acknowledged', acknowledged: kim },
  cleared: { kind: 'cleared', cleared: kim },
  gone: { kind: 'gone', acknowledged: kim, cleared: kim },
} as const satisfies { readonly [Kind in AlertState['kind']]: AlertState }

describe('an alert (ISA-18.2)', () => {
  it.each<[AlertState['kind'], AlertAction, AlertState | null]>([
    ['active', 'acknowledge', { kind: 'acknowledged', acknowledged: lee }],
    ['active', 'clear', { kind: 'cleared', cleared: lee }],
    ['acknowledged', 'acknowledge', null],
    ['acknowledged', 'clear', { kind: 'gone', acknowledged: kim, cleared: lee }],
    ['cleared', 'acknowledge', { kind: 'gone', acknowledged: lee, cleared: kim }],
    ['cleared', 'clear', null],
    ['gone', 'acknowledge', null],
    ['gone', 'clear', null],
  ])('that is %s and is to %s', (kind, action, then) => {
    expect(afterAction(STATES[kind], action, lee)).toEqual(then)
  })

  it.each(Object.values(STATES))('that is $kind is read from its record as it was written', (state) => {
    expect(alertState(deedsOf(state))).toEqual(state)
  })

  it('has a row for every state', () => {
    for (const table of [TRANSITIONS, ASKS])
      expect(Object.keys(table).toSorted()).toEqual(Object.keys(STATES).toSorted())
  })

  it('calls somebody only as long as nobody has it', () => {
    for (const [kind, asks] of Object.entries(ASKS)) expect(asks === 'action').toBe(kind === 'active')
  })

  it('is for whoever covers its area; and is raised by a device that stands there, too', () => {
    expect(mayAct(['line-3'], { area: 'line-3' })).toBe(true)
    expect(mayAct(['line-1'], { area: 'line-3' })).toBe(false)
    expect(mayRaise({ areas: [], deviceAreas: ['line-3'] }, 'line-3')).toBe(true)
    expect(mayRaise({ areas: ['*'], deviceAreas: [] }, 'line-3')).toBe(true)
    expect(mayRaise({ areas: [], deviceAreas: [] }, 'line-3')).toBe(false)
  })
})
