import { checkCommand } from '../../relay/protocol/check.ts'
import { afterEach, expect, test } from 'vitest'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { NoticeAvailability } from '../../relay/protocol/notices.ts'
import { alert, ALERTS, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import type { WindowModel } from '../../relay/domain/window-model.ts'
import type { NotifierStatus } from '../platform/notifier.ts'
import { makeFakeRelay } from '../testing/fake-relay.ts'
import { setAside } from './actions.ts'
import { createApp } from './app.ts'
import { openAttention } from './attention.ts'
import { deviceMemory } from './device-memory.ts'

const FIRE = alert(1, { priority: 'P0', title: 'Fire' })
const OIL = alert(2, { title: 'Oil low' })
let stop: () => void = () => undefined
afterEach(() => stop())

/** A kiosk's window: main shows, the window hears how that stands and what was pressed. */
async function open() {
  const channels = [stateChannel(URGENT_CHANNEL, 1, [FIRE]), stateChannel(ALERTS, 1, [OIL])]
  const relay = makeFakeRelay(view(0, { channels }))
  const first = new Promise<WindowModel>((resolve) => relay.client.listen(resolve))
  relay.client.start()
  const memory = deviceMemory({ getItem: () => null, setItem: () => undefined })
  const address = { hash: () => '#/line-3/orders', replace: () => undefined }
  const [app, release] = createApp(
    { relay: relay.client, memory, address, now: Date.now, check: checkCommand },
    await first,
  )
  stop = release
  let press: (id: string) => void = () => undefined
  let becomes: (availability: NoticeAvailability) => void = () => undefined
  const status: NotifierStatus = {
    availability: 'no-daemon',
    watch(changed) {
      becomes = changed
      return () => undefined
    },
    ask: async () => 'denied',
    clicked(opened) {
      press = opened
      return () => undefined
    },
  }
  const attention = openAttention({ app, page: window, path: '/', notifier: Promise.resolve(status) })
  await Promise.resolve()
  return { app, attention, press: (id: string) => press(id), becomes: (next: NoticeAvailability) => becomes(next) }
}

test('a pressed P0 is full-screen again, also where it was put aside, and the one that is shown first', async () => {
  const { app, attention, press } = await open()
  setAside(app, [FIRE.id])
  app.sheet.value = { kind: 'area' }
  expect(app.alarms.value.overlay).toEqual([])
  press(FIRE.id)
  expect(app.alarms.value.overlay.map(({ id }) => id)).toEqual([FIRE.id])
  expect(attention.pressed.value).toBe(FIRE.id)
  expect(app.sheet.value).toBeNull()
})

test('any other pressed alert, and a summary, is the list', async () => {
  const { app, press } = await open()
  press('summary')
  expect(app.place.value).toEqual({ view: 'alerts', area: 'line-3' })
})

test('the window knows how notifications stand, and when that changes', async () => {
  const { attention, becomes } = await open()
  await expect.poll(() => attention.notices.value).toBe('no-daemon')
  becomes('available')
  expect(attention.notices.value).toBe('available')
  attention.askForNotices()
  await expect.poll(() => attention.notices.value).toBe('denied')
})
