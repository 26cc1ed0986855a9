import { beforeEach, describe, expect, it } from 'vitest'
import type { Line } from '../../support/processes.ts'
import type { Asked } from './ledger-terms.ts'
import { Ledger } from './ledger.ts'

const CHAT = 'chat/line-3'
const URGENT = 'alerts/urgent'
const EPOCH = '0123456789abcdef'

let ledger: Ledger

beforeEach(() => {
  ledger = new Ledger()
})

const post = (ref: string, relay = 0): Asked => ({ relay, ref, lane: 'normal', ends: 'applied', effect: `said ${ref}` })
const saved = (ref: string): Line => ({ kind: 'saved', ref })
const applied = (ref: string): Line => ({ kind: 'result', ref, outcome: 'applied' })

function said(ref: string, offset: number, more: object = {}): Line {
  const data = { text: `${ref} and more`, line: 'line-3' }
  return { kind: 'event', channel: CHAT, epoch: EPOCH, offset, id: `id of ${ref}`, type: 'chat.posted', data, ...more }
}

function snapshot(offset: number, events: readonly Line[] = []): Line {
  return { kind: 'snapshot', channel: CHAT, epoch: EPOCH, offset, data: { events } }
}

/** Everything as it should be for these refs: asked, saved, applied. */
function done(...refs: readonly string[]): void {
  for (const ref of refs) {
    ledger.asked(post(ref))
    ledger.printed(0, saved(ref))
    ledger.printed(0, applied(ref))
  }
}

function reads(relay: number, ...lines: readonly Line[]): void {
  ledger.runStarted(relay, [{ channel: CHAT, from: 'start' }])
  for (const line of lines) ledger.printed(relay, line)
}

function broken(): readonly string[] {
  return [...ledger.broken.keys()]
}

describe('a run in which every promise is kept', () => {
  it('has no violation', () => {
    done('a', 'b')
    reads(1, said('a', 1), said('b', 2))
    ledger.runStarted(2, [{ channel: CHAT, from: 'snapshot' }])
    ledger.printed(2, snapshot(1, [said('a', 1)]))
    ledger.printed(2, said('b', 2))
    ledger.close()
    expect(ledger.violations).toEqual([])
    expect(ledger.counts()).toMatchObject({ asked: 2, saved: 2, applied: 2, open: 0, events: 2 })
  })

  it('lets a new process begin again, with a snapshot or from the start', () => {
    done('a', 'b')
    reads(1, said('a', 1), said('b', 2))
    reads(1, said('a', 1), said('b', 2))
    ledger.close()
    expect(ledger.violations).toEqual([])
  })

  it('lets a result be told again, and the order of fields be another', () => {
    done('a')
    ledger.printed(0, applied('a'))
    reads(1, said('a', 1))
    reads(2, { ...said('a', 1), data: { line: 'line-3', text: 'a and more' } })
    ledger.close()
    expect(ledger.violations).toEqual([])
  })

  it('lets a command be refused while the disk is full, if it then has no effect', () => {
    ledger.mayRefuse(0, 'disk-full')
    ledger.asked(post('a'))
    ledger.printed(0, { kind: 'error', ref: 'a', code: 'storage-failed', message: 'The disk is full.' })
    ledger.close()
    expect(ledger.violations).toEqual([])
    expect(ledger.counts()).toMatchObject({ refused: 1, open: 0 })
  })

  it('lets a relay that stops refuse what it has not saved, and nothing once it runs again', () => {
    const runsAgain = ledger.mayRefuse(0, 'stopping')
    for (const ref of ['a', 'b', 'c']) ledger.asked(post(ref))
    ledger.printed(0, { kind: 'error', ref: 'a', code: 'unavailable', message: 'The relay was stopped.' })
    expect(ledger.violations).toEqual([])
    ledger.printed(0, { kind: 'error', ref: 'b', code: 'storage-failed', message: 'The disk is full.' })
    runsAgain()
    ledger.printed(0, { kind: 'error', ref: 'c', code: 'unavailable', message: 'The relay was stopped.' })
    expect(ledger.violations).toHaveLength(2)
  })

  it('says what is unsaved in the order of asking, and what is open', () => {
    for (const ref of ['a', 'b', 'c']) ledger.asked(post(ref))
    ledger.printed(0, saved('a'))
    expect(ledger.unsaved(0).map(({ ref }) => ref)).toEqual(['b', 'c'])
    expect(ledger.unsaved(1)).toEqual([])
    expect(ledger.open().map(({ ref }) => ref)).toEqual(['a', 'b', 'c'])
  })
})

describe('planted violations of writing', () => {
  it('a duplicate: one command, two places', () => {
    done('a')
    reads(1, said('a', 1), said('a', 2, { id: 'another id' }))
    ledger.close()
    expect(broken()).toEqual(['a command takes effect once'])
    expect(ledger.violations[0]?.evidence[0]).toContain(`said a at ${CHAT} ${EPOCH} 1 and ${CHAT} ${EPOCH} 2`)
  })

  it('a loss: applied, and not in the log', () => {
    done('a', 'b')
    reads(1, said('a', 1))
    ledger.close()
    expect(broken()).toEqual(['what is applied is in the log'])
  })

  it('a loss: saved, and without an end', () => {
    ledger.asked(post('a'))
    ledger.printed(0, saved('a'))
    ledger.close()
    expect(broken()).toEqual(['what is saved comes to an end'])
  })

  it('another order than that of the lane', () => {
    done('a', 'b')
    reads(1, said('b', 1), said('a', 2))
    ledger.close()
    expect(broken()).toEqual(['a lane takes effect in its order'])
  })

  it('two ends', () => {
    done('a')
    ledger.printed(0, { kind: 'result', ref: 'a', outcome: 'rejected', code: 'forbidden', message: 'No.' })
    expect(broken()).toEqual(['a command has one end'])
  })

  it('a rejection of something that is in order, and one without a reason', () => {
    ledger.asked(post('a'))
    ledger.printed(0, saved('a'))
    ledger.printed(0, { kind: 'result', ref: 'a', outcome: 'rejected', code: 'outbox-forked' })
    expect(broken()).toEqual(['a rejection has a code and a sentence', 'a command that should end applied does'])
  })

  it('what is turned away because too many alerts are open, unless it is no alert', () => {
    for (const [ref, effect] of [
      ['a', 'raised a'],
      ['b', 'said b'],
    ] as const) {
      ledger.asked({ ...post(ref), effect })
      ledger.printed(0, saved(ref))
      ledger.printed(0, { kind: 'result', ref, outcome: 'rejected', code: 'too-many-alerts', message: 'No.' })
    }
    expect(broken()).toEqual(['a command that should end applied does'])
  })

  it('an effect of what was rejected', () => {
    ledger.asked({ ...post('a'), ends: 'rejected' })
    ledger.printed(0, saved('a'))
    ledger.printed(0, { kind: 'result', ref: 'a', outcome: 'rejected', code: 'forbidden', message: 'No.' })
    reads(1, said('a', 1))
    ledger.close()
    expect(broken()).toEqual(['what was refused or rejected has no effect'])
  })

  it('an effect of what was refused', () => {
    ledger.mayRefuse(0, 'disk-full')
    ledger.asked(post('a'))
    ledger.printed(0, { kind: 'error', ref: 'a', code: 'storage-failed', message: 'The disk is full.' })
    reads(1, said('a', 1))
    ledger.close()
    expect(broken()).toEqual(['what was refused or rejected has no effect'])
  })

  it('a refusal without a reason, and one of what was saved', () => {
    ledger.asked(post('a'))
    ledger.printed(0, saved('a'))
    ledger.printed(0, { kind: 'error', ref: 'a', code: 'storage-failed', message: 'The disk is full.' })
    expect(broken()).toEqual([
      'what was saved is not refused',
      'a command is refused only by a full disk or a relay that stops',
    ])
  })

  it('an answer to what nobody asked', () => {
    ledger.printed(0, saved('ghost'))
    expect(broken()).toEqual(['a relay speaks of what it was asked'])
  })
})

describe('planted violations of reading', () => {
  it('a gap', () => {
    done('a', 'c')
    reads(1, said('a', 1), said('c', 3))
    ledger.close()
    expect(broken()).toEqual(['no event is left out', 'offsets have no gap'])
  })

  it('a repeat', () => {
    done('a')
    reads(1, said('a', 1), said('a', 1))
    ledger.close()
    expect(broken()).toEqual(['no event comes twice'])
  })

  it('another order', () => {
    done('a', 'b')
    reads(1, said('a', 1))
    reads(2, said('b', 2), said('a', 1))
    expect(broken()).toEqual(['from start begins at the first event', 'no event comes twice'])
  })

  it('another log for another reader', () => {
    done('a')
    reads(1, said('a', 1))
    reads(2, said('a', 1, { by: 'somebody else' }))
    expect(broken()).toEqual(['everybody reads the same log'])
  })

  it('another event at the same offset, and an event at two offsets', () => {
    done('a', 'b')
    reads(1, said('a', 1), said('b', 2))
    reads(2, said('b', 1))
    expect(broken()).toEqual(['everybody reads the same log'])
    reads(3, said('a', 1), said('b', 2), said('c', 3, { id: 'id of a' }))
    expect(broken()).toContain('an event has one place')
  })

  it('events without a snapshot before them, and a snapshot in the middle', () => {
    ledger.runStarted(1, [{ channel: CHAT, from: 'snapshot' }])
    ledger.printed(1, said('a', 1))
    ledger.printed(1, snapshot(1, [said('a', 1)]))
    expect(broken()).toEqual(['a snapshot comes before events', 'a snapshot comes at the start and after a reset only'])
  })

  it('a snapshot with a hole, or one that ends before its cursor', () => {
    ledger.runStarted(1, [{ channel: CHAT, from: 'snapshot' }])
    ledger.printed(1, snapshot(4, [said('a', 1), said('c', 3)]))
    expect(broken()).toEqual(['the events of a snapshot have no gap', 'a snapshot ends at its cursor'])
  })

  it('a reset', () => {
    reads(1, said('a', 1), { kind: 'reset', channel: CHAT, reason: 'unknown-epoch', lost: null })
    ledger.printed(1, snapshot(1, [said('a', 1)]))
    expect(broken()).toEqual(['nothing is lost, so nothing is reset'])
  })

  it('another epoch without a reset', () => {
    reads(1, said('a', 1), said('b', 2, { epoch: 'fedcba9876543210' }))
    expect(broken()).toEqual(['an epoch changes by a reset only'])
  })

  it('records that differ at the end', () => {
    const records = (title: string): Line => ({
      kind: 'snapshot',
      channel: URGENT,
      epoch: EPOCH,
      offset: 1,
      data: { records: { one: { title } } },
    })
    for (const [relay, title] of ['same', 'same', 'other'].entries()) {
      ledger.runStarted(relay, [{ channel: URGENT, from: 'snapshot' }])
      ledger.printed(relay, records(title))
    }
    ledger.close()
    expect(broken()).toEqual(['everybody ends with the same records'])
  })

  it('applies events to records as a window would', () => {
    const event = (offset: number, type: string, record: object | null): Line => ({
      kind: 'event',
      channel: URGENT,
      epoch: EPOCH,
      offset,
      id: `id ${offset}`,
      type,
      data: { key: 'one', record },
    })
    for (const relay of [1, 2]) {
      ledger.runStarted(relay, [{ channel: URGENT, from: 'snapshot' }])
      ledger.printed(relay, { kind: 'snapshot', channel: URGENT, epoch: EPOCH, offset: 0, data: { records: {} } })
      ledger.printed(relay, event(1, 'alert.raised', { title: 'x' }))
      ledger.printed(relay, event(2, 'alert.acknowledged', { title: 'x', acknowledged: 'kim' }))
    }
    ledger.printed(2, event(3, 'alert.cleared', null))
    ledger.close()
    expect(broken()).toEqual(['everybody ends with the same records'])
    expect(ledger.behind(ledger.tops())).toEqual([`relay 1 is at 2 of 3 in ${URGENT}`])
  })
})

it('keeps five of a kind with their evidence, and counts the others', () => {
  for (let index = 0; index < 12; index += 1) ledger.printed(0, saved(`ghost ${index}`))
  expect(ledger.violations).toHaveLength(5)
  expect(ledger.broken.get('a relay speaks of what it was asked')).toBe(12)
})
