import { EventEmitter } from 'node:events'
import type { NotificationConstructorOptions } from 'electron'
import { expect, test } from 'vitest'
import { settle, VirtualClock } from '../../relay/testing/virtual-clock.ts'
import type { Notice } from '../../relay/protocol/notices.ts'
import { ElectronNotifier, SHOW_PATIENCE_MS, type ElectronNotifications } from './notifications-electron.ts'
import type { DaemonState } from './notifications-probe.ts'

const FIRE: Notice = { id: 'fire', title: 'Fire', body: 'Leave by the east door.', priority: 'P0', silent: true }
const DUNST: DaemonState = { kind: 'answers', name: 'dunst' }
const NOBODY: DaemonState = { kind: 'silent', why: 'no-answer', detail: '' }

/** Electron as it behaves: a daemon that takes everything, unless `says` is another word. */
function kiosk(says: 'show' | 'failed' | 'nothing' | 'throws' = 'show') {
  const touched: string[] = []
  const made: (EventEmitter & { options: NotificationConstructorOptions })[] = []
  const place: { daemon: DaemonState; isSupported: boolean } = { daemon: DUNST, isSupported: true }
  const electron: ElectronNotifications = {
    isSupported() {
      touched.push('isSupported')
      return place.isSupported
    },
    create(options) {
      const native = Object.assign(new EventEmitter(), {
        options,
        show() {
          touched.push(`show ${options.title}`)
          if (says === 'throws') throw new Error('no')
          if (says !== 'nothing') queueMicrotask(() => native.emit(says, {}, 'the daemon refused'))
        },
        close: () => touched.push(`close ${options.title}`),
      })
      made.push(native)
      return native as unknown as ReturnType<ElectronNotifications['create']>
    },
  }
  const clock = new VirtualClock()
  const probe = async (): Promise<DaemonState> => place.daemon
  const notifier = new ElectronNotifier({ electron, probe, clock, log: () => undefined })
  return { notifier, touched, made, clock, place }
}

test('a P0 is critical and stays until it is closed; others are not and do not', async () => {
  const { notifier, made } = kiosk()
  expect(await notifier.show(FIRE)).toBe('shown')
  expect(await notifier.show({ ...FIRE, id: 'oil', priority: 'P1', silent: false })).toBe('shown')
  expect(made.map(({ options }) => options)).toEqual([
    { title: 'Fire', body: FIRE.body, silent: true, urgency: 'critical', timeoutType: 'never' },
    { title: 'Fire', body: FIRE.body, silent: false, urgency: 'normal', timeoutType: 'default' },
  ])
})

test('without a daemon Electron is not touched at all, neither to show nor to close nor to ask', async () => {
  const { notifier, touched, place } = kiosk()
  place.daemon = NOBODY
  expect(await notifier.show(FIRE)).toBe('suppressed')
  notifier.close(FIRE.id)
  await settle()
  expect(touched).toEqual([])
  expect(notifier.availability).toBe('no-daemon')
})

test('a daemon that died after the alert was shown is not asked to close it', async () => {
  const { notifier, touched, place } = kiosk()
  await notifier.show(FIRE)
  place.daemon = NOBODY
  notifier.close(FIRE.id)
  await settle()
  expect(touched).toEqual(['isSupported', 'show Fire'])
})

test('what was acknowledged while the daemon was being asked is not shown', async () => {
  const { notifier, touched } = kiosk()
  const showing = notifier.show(FIRE)
  notifier.close(FIRE.id)
  expect(await showing).toBe('suppressed')
  expect(touched).not.toContain('show Fire')
})

test('a notice takes the place of the one with its id', async () => {
  const { notifier, touched } = kiosk()
  await notifier.show(FIRE)
  await notifier.show({ ...FIRE, title: 'Two fires' })
  notifier.close(FIRE.id)
  await settle()
  expect(touched.filter((what) => what !== 'isSupported')).toEqual([
    'show Fire',
    'close Fire',
    'show Two fires',
    'close Two fires',
  ])
})

test.each(['failed', 'throws'] as const)('a platform that %s is reported', async (says) => {
  expect(await kiosk(says).notifier.show(FIRE)).toBe('failed')
})

test('a platform that says nothing has not shown it', async () => {
  const { notifier, clock } = kiosk('nothing')
  const showing = notifier.show(FIRE)
  await clock.advance(SHOW_PATIENCE_MS)
  expect(await showing).toBe('failed')
})

test('a press says which, and one that was put away is gone', async () => {
  const { notifier, made, touched } = kiosk()
  const pressed: string[] = []
  notifier.clicked((id) => pressed.push(id))
  await notifier.show(FIRE)
  made[0]?.emit('click')
  made[0]?.emit('close')
  notifier.close(FIRE.id)
  await settle()
  expect(pressed).toEqual(['fire'])
  expect(touched).not.toContain('close Fire')
})

test('a change is told: the daemon came, or went', async () => {
  const { notifier, place } = kiosk()
  const heard: string[] = []
  const release = notifier.watch((availability) => heard.push(availability))
  await notifier.look()
  await notifier.look()
  place.daemon = NOBODY
  await notifier.look()
  place.daemon = DUNST
  place.isSupported = false
  await notifier.look()
  release()
  place.isSupported = true
  await notifier.look()
  expect(heard).toEqual(['available', 'no-daemon', 'unsupported'])
})
