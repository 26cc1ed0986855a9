import { expect, it } from 'vitest'
import { describeReport, type Report } from './report.ts'

const QUIET: Report = {
  seed: 7,
  seconds: 61,
  relays: ['poll', null],
  runs: 3,
  rounds: [
    { number: 1, faults: ['0.5 s cut, relay 0'], recoveryMs: 1_234, last: ['relay 0 is waiting'] },
    { number: 2, faults: ['1.0 s kill, place server'], recoveryMs: 4_321, last: ['relay 1 is connecting'] },
  ],
  faults: new Map([
    ['cut', 1],
    ['kill', 1],
  ]),
  counts: { asked: 9, saved: 8, applied: 6, rejected: 2, refused: 1, open: 0, events: 12, eventsRead: 30 },
  errors: [],
  lacks: [],
  broken: new Map(),
  violations: [],
}

it('says what happened, and that nothing was broken', () => {
  expect(describeReport(QUIET)).toEqual([
    'soak with seed 7: 61 s, 2 relays (poll, any), 3 runs of them',
    'commands    9 asked, 8 saved, 6 applied, 2 rejected, 1 refused, 0 open',
    'events      12 in the log, read 30 times',
    'faults      2 rounds: cut 1, kill 1',
    'recovery    longest 4.3 s (round 2: 1.0 s kill, place server; last: relay 1 is connecting)',
    'violations  none',
  ])
})

it('says what could not be done here', () => {
  expect(describeReport({ ...QUIET, lacks: ['no full disks: only root may mount a tmpfs'] })).toContain(
    'no full disks: only root may mount a tmpfs',
  )
})

it('shows each broken promise with its lines, and counts all of them', () => {
  const lines = describeReport({
    ...QUIET,
    rounds: [{ number: 1, faults: [], recoveryMs: null, last: ['the server is not up'] }],
    broken: new Map([['no event comes twice', 9]]),
    violations: [{ promise: 'no event comes twice', evidence: ['relay 1, chat/line-3\nmore of it'] }],
  })
  expect(lines.slice(-5)).toEqual([
    'recovery    longest never (round 1: ; last: the server is not up)',
    'BROKEN      no event comes twice',
    '            relay 1, chat/line-3',
    '            more of it',
    'violations  9: no event comes twice 9',
  ])
})
