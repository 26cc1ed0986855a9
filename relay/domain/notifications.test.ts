import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../protocol/limits.ts'
import { SUMMARY_ID } from '../protocol/notices.ts'
import type { AlertRecord } from '../protocol/records.ts'
import {
  NO_NOTICES,
  NOTICE_LIMITS,
  planNotices,
  startNotices,
  type NoticeLook,
  type NoticePlan,
  type NoticeState,
} from './notifications.ts'
import { alert, id } from './testing/samples.ts'

const p0 = (n: number, over: Partial<AlertRecord> = {}): AlertRecord => alert(n, { priority: 'P0', ...over })
const deed = { by: 'kim', on: 'press-2', at: '2026-11-20T05:30:00.000Z' }

/** A device whose link is current and that has nothing to tell. */
function calm(): NoticeState {
  return look(startNotices(NO_NOTICES), []).state
}

function look(state: NoticeState, alerts: readonly AlertRecord[], over: Partial<NoticeLook> = {}): NoticePlan {
  return planNotices(state, { alerts, link: 'current', isInSight: true, now: 0, ...over })
}

const ids = ({ show }: NoticePlan): readonly string[] => show.map((notice) => notice.id)

test('[P4] a P0 is shown once, whatever is seen of it again', () => {
  const first = look(calm(), [p0(1)])
  expect(first.show).toMatchObject([{ id: id(1), isMissed: false, alerts: [{ id: id(1) }] }])
  expect(ids(look(first.state, [p0(1)]))).toEqual([])
  const second = look(first.state, [p0(1), p0(2)])
  expect(ids(second)).toEqual([id(2)])
})

test('a P1 is shown only while no window is in sight, and what was in sight is not shown later', () => {
  const p1 = alert(1, { priority: 'P1' })
  expect(ids(look(calm(), [p1], { isInSight: false }))).toEqual([id(1)])
  const seen = look(calm(), [p1])
  expect(ids(seen)).toEqual([])
  expect(ids(look(seen.state, [p1], { isInSight: false }))).toEqual([])
})

test('P2 and P3 are never native notifications', () => {
  const rest = [alert(1, { priority: 'P2' }), alert(2, { priority: 'P3' })]
  expect(ids(look(calm(), rest, { isInSight: false }))).toEqual([])
})

test.each(['acknowledged', 'cleared'] as const)('what was %s is taken away, and was never new', (how) => {
  const shown = look(calm(), [p0(1)])
  const done = look(shown.state, [p0(1, { [how]: deed })])
  expect(done).toMatchObject({ show: [], close: [id(1)] })
  expect(look(done.state, []).close).toEqual([])
  expect(ids(look(calm(), [p0(1, { [how]: deed })]))).toEqual([])
})

test('an alert that is gone from the list is taken away', () => {
  expect(look(look(calm(), [p0(1)]).state, []).close).toEqual([id(1)])
})

test('[P5] while the link is down nothing is shown; what an outage brought comes as one summary, the gravest first', () => {
  const down = look(calm(), [p0(1)], { link: 'down' })
  expect(ids(down)).toEqual([])
  const forty = Array.from({ length: 40 }, (_, n) => alert(n, { priority: n === 17 ? 'P0' : 'P1' }))
  const met = forty.map((row, n) => (n > 30 ? { ...row, acknowledged: deed } : row))
  const back = look(down.state, met, { isInSight: false })
  expect(back.show).toHaveLength(1)
  expect(back.show[0]).toMatchObject({ id: SUMMARY_ID, isMissed: true })
  expect(back.show[0]?.alerts).toHaveLength(31)
  expect(back.show[0]?.alerts[0].id).toBe(id(17))
})

test('one alone that was missed comes by itself, as missed', () => {
  const down = look(calm(), [], { link: 'down' })
  expect(look(down.state, [p0(1)]).show).toMatchObject([{ id: id(1), isMissed: true }])
})

test('what was acknowledged during the outage is not mentioned', () => {
  const down = look(calm(), [], { link: 'down' })
  expect(ids(look(down.state, [p0(1, { acknowledged: deed }), p0(2)]))).toEqual([id(2)])
})

test('[P3] in a resume the first waits for the rest, but not for ever', () => {
  const down = look(calm(), [], { link: 'down' })
  const arriving = look(down.state, [p0(1)], { link: 'resuming', now: 1_000 })
  expect(ids(arriving)).toEqual([])
  expect(arriving.state.dueAt).toBe(1_000 + NOTICE_LIMITS.gatherMs)
  const more = look(arriving.state, [p0(1), p0(2)], { link: 'resuming', now: 2_000 })
  expect(more.state.dueAt).toBe(arriving.state.dueAt)
  const due = look(more.state, [p0(1), p0(2)], { link: 'resuming', now: 3_000 })
  expect(due.show).toMatchObject([{ id: SUMMARY_ID, alerts: [{ id: id(2) }, { id: id(1) }] }])
  expect(due.state.dueAt).toBeNull()
  expect(ids(look(due.state, [p0(1), p0(2)], { now: 3_001 }))).toEqual([])
})

test('a summary is taken away with the last of its alerts', () => {
  const missed = look(startNotices(NO_NOTICES), [p0(1), p0(2)])
  expect(ids(missed)).toEqual([SUMMARY_ID])
  const one = look(missed.state, [p0(1, { acknowledged: deed }), p0(2)])
  expect(one).toMatchObject({ show: [], close: [] })
  expect(look(one.state, []).close).toEqual([SUMMARY_ID])
})

test('[P8] at most eight stand: what comes then is merged, with what the summary still stands for', () => {
  let state = calm()
  const rows: AlertRecord[] = []
  for (let n = 0; n < NOTICE_LIMITS.standing; n++) {
    rows.push(p0(n))
    state = look(state, rows).state
  }
  rows.push(p0(20))
  const ninth = look(state, rows)
  expect(ids(ninth)).toEqual([SUMMARY_ID])
  rows.push(p0(21))
  const tenth = look(ninth.state, rows)
  expect(tenth.show[0]?.alerts.map((row) => row.id)).toEqual([id(21), id(20)])
  expect(tenth.state.memory.standing).toHaveLength(NOTICE_LIMITS.standing + 1)
})

test('over a restart nothing is shown twice, and what was met meanwhile is taken away', () => {
  const shown = look(look(calm(), [p0(1)]).state, [p0(1), p0(2)])
  const again = startNotices(shown.state.memory)
  const back = look(again, [p0(1), p0(2, { acknowledged: deed }), p0(3)])
  expect(back).toMatchObject({ show: [{ id: id(3), isMissed: true }], close: [id(2)] })
})

test('[P8] what is remembered is bounded, and the newest is kept', () => {
  const known = Array.from({ length: LIMITS.rememberedIds }, (_, n) => id(n))
  const { state } = look(startNotices({ known, standing: [] }), [p0(99_999)])
  expect(state.memory.known).toHaveLength(LIMITS.rememberedIds)
  expect(state.memory.known.at(-1)).toBe(id(99_999))
})

test('[P4] in any course of events: no alert is in two notices that both stand, none is shown twice alone, and nothing is shown while down', () => {
  const step = fc.record({
    alerts: fc.uniqueArray(fc.record({ n: fc.nat(14), met: fc.boolean(), p0: fc.boolean() }), {
      selector: ({ n }) => n,
      maxLength: 14,
    }),
    link: fc.constantFrom('down', 'resuming', 'current' as const),
    isInSight: fc.boolean(),
    passed: fc.nat(3_000),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state = startNotices(NO_NOTICES)
      let now = 0
      const alone = new Set<string>()
      for (const { alerts, link, isInSight, passed } of steps) {
        now += passed
        const rows = alerts.map((one) => {
          return alert(one.n, { priority: one.p0 ? 'P0' : 'P1', acknowledged: one.met ? deed : null })
        })
        const plan = planNotices(state, { alerts: rows, link, isInSight, now })
        if (link === 'down') expect(plan.show).toEqual([])
        for (const notice of plan.show.filter((one) => one.id !== SUMMARY_ID)) {
          expect(alone.has(notice.id)).toBe(false)
          alone.add(notice.id)
        }
        const standing = plan.state.memory.standing.flatMap((one) => one.alerts)
        expect(new Set(standing).size).toBe(standing.length)
        expect(plan.state.memory.standing.length).toBeLessThanOrEqual(NOTICE_LIMITS.standing + 1)
        state = plan.state
      }
    }),
  )
})
