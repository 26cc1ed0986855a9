import { expect, test } from 'vitest'
import { alert, id, LIVE, stateChannel, view } from '../domain/testing/samples.ts'
import { modelOfView, type WindowModel } from '../domain/window-model.ts'
import type { NoticeMemory } from '../domain/notifications.ts'
import { URGENT_CHANNEL } from '../protocol/channels.ts'
import { SUMMARY_ID, type Notice, type NoticeOutcome } from '../protocol/notices.ts'
import type { AlertRecord } from '../protocol/records.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { keepNotices } from './notifications.ts'

const FIRE = alert(1, { priority: 'P0', title: 'Fire' })
const GAS = alert(2, { priority: 'P0', title: 'Gas' })

interface Place {
  readonly state?: 'live' | 'waiting' | 'resuming'
  readonly isCurrent?: boolean
}

function modelOf(alerts: readonly AlertRecord[], { state = 'live', isCurrent = true }: Place = {}): WindowModel {
  const channel = { ...stateChannel(URGENT_CHANNEL, 1, alerts), current: isCurrent }
  return modelOfView(view(1, { channels: [channel], status: { ...LIVE, state } }), null)
}

/** A device with a platform that answers `outcome`, and what was asked of it. */
function device(outcome: NoticeOutcome = 'shown', kept: unknown = null) {
  const clock = new VirtualClock()
  const listeners = new Set<(model: WindowModel) => void>()
  const asked: (Notice | { readonly close: string })[] = []
  const reported: string[] = []
  const saved: NoticeMemory[] = []
  const relay = {
    model: null as WindowModel | null,
    listen(changed: (model: WindowModel) => void) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    notified: (alertId: string, became: NoticeOutcome) => void reported.push(`${alertId} ${became}`),
  }
  const release = keepNotices({
    relay,
    clock,
    notifier: {
      async show(notice) {
        asked.push(notice)
        return outcome
      },
      close: (closed) => void asked.push({ close: closed }),
    },
    keeper: { load: () => kept, save: (memory) => void saved.push(memory) },
    words: ({ alerts }) => ({ title: alerts.map(({ title }) => title).join(', '), body: '' }),
    isInSight: () => true,
    isSounding: () => true,
  })
  const becomes = (model: WindowModel): void => {
    relay.model = model
    for (const changed of listeners) changed(model)
  }
  return { clock, asked, reported, saved, release, becomes }
}

test('[E2] shows a P0 once, says that it was shown, and closes it when somebody has it', async () => {
  const { clock, asked, reported, becomes } = device()
  becomes(modelOf([]))
  becomes(modelOf([FIRE]))
  becomes(modelOf([FIRE]))
  await clock.advance(0)
  expect(asked).toEqual([{ id: FIRE.id, title: 'Fire', body: '', priority: 'P0', silent: true }])
  expect(reported).toEqual([`${FIRE.id} shown`])
  becomes(modelOf([{ ...FIRE, acknowledged: FIRE.raised }]))
  expect(asked.at(-1)).toEqual({ close: FIRE.id })
})

test('[E2] a platform that cannot is reported for each alert of a summary', async () => {
  const { clock, asked, reported, becomes } = device('suppressed')
  becomes(modelOf([FIRE, GAS]))
  await clock.advance(0)
  expect(asked).toMatchObject([{ id: SUMMARY_ID }])
  expect(reported.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([`${FIRE.id} suppressed`, `${GAS.id} suppressed`])
})

test('a resume that does not end is not waited for', async () => {
  const { clock, asked, becomes } = device()
  becomes(modelOf([FIRE], { state: 'waiting', isCurrent: false }))
  await clock.advance(60_000)
  expect(asked).toEqual([])
  becomes(modelOf([FIRE], { state: 'live', isCurrent: false }))
  await clock.advance(1_999)
  expect(asked).toEqual([])
  await clock.advance(1)
  expect(asked).toMatchObject([{ id: FIRE.id }])
})

test('what was notified before a restart is not new after it', async () => {
  const before = device()
  before.becomes(modelOf([FIRE]))
  await before.clock.advance(0)
  before.release()
  // As it comes back from a file.
  const after = device('shown', JSON.parse(JSON.stringify(before.saved.at(-1))))
  after.becomes(modelOf([FIRE]))
  expect(after.asked).toEqual([])
  after.becomes(modelOf([]))
  expect(after.asked).toEqual([{ close: FIRE.id }])
})

test.each([null, 'x', {}, { known: [1], standing: [] }, { known: [], standing: 7 }])(
  'a memory that cannot be read (%j) is an empty one',
  async (kept) => {
    const { asked, becomes } = device('shown', kept)
    becomes(modelOf([FIRE]))
    expect(asked).toMatchObject([{ id: id(1) }])
  },
)

test('after the release nothing is shown, also what was waiting', async () => {
  const { clock, asked, becomes, release } = device()
  becomes(modelOf([FIRE], { isCurrent: false }))
  release()
  becomes(modelOf([FIRE]))
  await clock.advance(10_000)
  expect(asked).toEqual([])
})
