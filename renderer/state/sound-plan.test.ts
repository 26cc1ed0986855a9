import { expect, test } from 'vitest'
import { alertBoard, type AlertRow } from '../../relay/domain/alerts.ts'
import { alert, stateChannel } from '../../relay/domain/testing/samples.ts'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { AlertRecord } from '../../relay/protocol/records.ts'
import { NOTHING_HEARD, planSound, SILENCE_MS, silenceOf, type SoundLook, type SoundMemory } from './sound-plan.ts'

const deed = { by: 'kim', on: 'press-2', at: '2026-11-20T05:30:00.000Z' }

function rows(...records: readonly AlertRecord[]): readonly AlertRow[] {
  return alertBoard({ urgent: stateChannel(URGENT_CHANNEL, 1, records), areas: [], pending: [] }).rows
}

function look(memory: SoundMemory, board: readonly AlertRow[], over: Partial<SoundLook> = {}) {
  return planSound(memory, { rows: board, isCurrent: true, silence: null, now: 0, ...over })
}

const calm = look(NOTHING_HEARD, []).memory
const P0 = alert(1, { priority: 'P0' })
const P1 = alert(2, { priority: 'P1' })
const P2 = alert(3, { priority: 'P2' })

test('a P0 sounds until somebody has it or it is over', () => {
  expect(look(calm, rows(P0)).wish).toEqual({ loop: 'P0', once: null })
  expect(look(look(calm, rows(P0)).memory, rows(P0)).wish.loop).toBe('P0')
  expect(look(calm, rows({ ...P0, acknowledged: deed })).wish.loop).toBeNull()
  expect(look(calm, rows({ ...P0, cleared: deed })).wish.loop).toBeNull()
})

test('an acknowledgement that only waits here stops the sound here', () => {
  const [row] = rows(P0)
  if (row === undefined) throw new Error('no row')
  const taken = { ...row, acknowledging: { command: P0.id, by: 'kim', since: 0, saved: true } }
  expect(look(calm, [taken]).wish.loop).toBeNull()
})

test('silence holds for a minute and for what sounded then; a new P0 is heard', () => {
  const silence = silenceOf(rows(P0), 1_000)
  expect(look(calm, rows(P0), { silence, now: 1_000 }).wish.loop).toBeNull()
  expect(look(calm, rows(P0), { silence, now: 1_000 + SILENCE_MS }).wish.loop).toBe('P0')
  expect(look(calm, rows(P0, alert(9, { priority: 'P0' })), { silence, now: 2_000 }).wish.loop).toBe('P0')
})

test('a P1 and a P2 sound once when they are new; a P3 never; the gravest counts', () => {
  const both = look(calm, rows(P1, P2))
  expect(both.wish).toEqual({ loop: null, once: 'P1' })
  expect(look(both.memory, rows(P1, P2)).wish.once).toBeNull()
  expect(look(calm, rows(P2)).wish.once).toBe('P2')
  expect(look(calm, rows(alert(4, { priority: 'P3' }))).wish.once).toBeNull()
})

test('while a P0 sounds nothing else does', () => {
  expect(look(calm, rows(P0, P1)).wish).toEqual({ loop: 'P0', once: null })
})

test('[P5] what was missed sounds once for all of it when the resume is over, and only if it is a P1', () => {
  const down = look(calm, [], { isCurrent: false })
  const arriving = look(down.memory, rows(P1, P2), { isCurrent: false })
  expect(arriving.wish.once).toBeNull()
  const back = look(arriving.memory, rows(P1, P2))
  expect(back.wish.once).toBe('P1')
  expect(look(back.memory, rows(P1, P2)).wish.once).toBeNull()
  expect(look(down.memory, rows(P2)).wish.once).toBeNull()
})

test('at the start an active P1 is heard once, a P0 at once even when the link is down', () => {
  expect(look(NOTHING_HEARD, rows(P1)).wish.once).toBe('P1')
  expect(look(NOTHING_HEARD, rows(P0), { isCurrent: false }).wish.loop).toBe('P0')
})
