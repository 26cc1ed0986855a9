import { expect, test } from 'vitest'
import { alert } from '../../relay/domain/testing/samples.ts'
import type { PlannedNotice } from '../../relay/domain/notifications.ts'
import { SUMMARY_ID } from '../../relay/protocol/notices.ts'
import { en } from './en.ts'
import { ko } from './ko.ts'
import { noticeWords } from './notice-words.ts'

const FIRE = alert(1, { priority: 'P0', title: 'Gas warning · Paint booth', body: 'Leave the booth by the east door.' })
const one = (over: Partial<PlannedNotice> = {}): PlannedNotice => ({
  id: FIRE.id,
  alerts: [FIRE],
  isMissed: false,
  ...over,
})

test('of one alert: what, how grave, where, what to do first; no names of people', () => {
  expect(noticeWords(en, one())).toEqual({
    title: 'Gas warning · Paint booth',
    body: 'P0 Critical · Line 3\nLeave the booth by the east door.',
  })
})

test('[P5] what was missed says when it happened', () => {
  expect(noticeWords(en, one({ isMissed: true })).body).toMatch(/^P0 Critical · Line 3 · raised \d\d:\d\d\n/)
})

test('of several: how many, the gravest two by name, in either language', () => {
  const alerts = [FIRE, alert(2, { priority: 'P1', title: 'Oil low' }), alert(3, { priority: 'P1' })] as const
  const several = { id: SUMMARY_ID, alerts, isMissed: true }
  expect(noticeWords(en, several)).toEqual({
    title: '3 alerts need you',
    body: 'P0 Gas warning · Paint booth\nP1 Oil low\nand 1 more',
  })
  expect(noticeWords(ko, several).title).toBe('확인할 경보 3건')
})

test('a long body is cut where lock screens would', () => {
  const long = { ...FIRE, body: 'x'.repeat(500) }
  const { body } = noticeWords(en, { id: long.id, alerts: [long], isMissed: false })
  expect(body.split('\n')[1]).toHaveLength(120)
})
