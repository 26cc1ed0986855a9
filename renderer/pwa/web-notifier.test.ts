import { describe, expect, it } from 'vitest'
import type { Notice } from '../../relay/protocol/notices.ts'
import { webNotifier } from './web-notifier.ts'

const NOTICE: Notice = { id: 'a1', title: 'P0', body: 'Evacuate hall 3', priority: 'P0', silent: true }

/** A browser with a service worker; what it shows, and what a person decides. */
function browser(
  permission: NotificationPermission,
  kind: 'well' | 'no-worker' | 'failing' = 'well',
  workerWaitMs = 60_000,
) {
  const shown: ({ title: string } & NotificationOptions)[] = []
  const registration = {
    showNotification: (title: string, options: NotificationOptions) => {
      if (kind === 'failing') return Promise.reject(new TypeError('no daemon'))
      shown.push({ title, ...options })
      return Promise.resolve()
    },
    getNotifications: ({ tag }: { tag: string }) =>
      Promise.resolve(
        shown
          .filter((one) => one.tag === tag)
          .map((one) => ({ close: () => void shown.splice(shown.indexOf(one), 1) })),
      ),
  } as unknown as ServiceWorkerRegistration
  let activate: () => void = () => {}
  const active = new Promise<ServiceWorkerRegistration>((resolve) => (activate = () => resolve(registration)))
  if (kind !== 'no-worker') activate()
  const container = Object.assign(new EventTarget(), {
    ready: active,
    getRegistration: () => Promise.resolve(kind === 'no-worker' ? undefined : registration),
  })
  const status = new EventTarget()
  const notifications = {
    permission,
    answer: 'granted' as NotificationPermission,
    requestPermission: () => {
      notifications.permission = notifications.answer
      return Promise.resolve(notifications.permission)
    },
  }
  const permissions = { query: () => Promise.resolve(status as PermissionStatus) }
  const notifier = webNotifier({ container, notifications, permissions, workerWaitMs })
  return { shown, container, status, notifications, notifier, activate }
}

describe('notifications of a browser', () => {
  it('are shown by the service worker, one per notice, and a P0 stays', async () => {
    const { notifier, shown } = browser('granted')
    expect(await notifier.show(NOTICE)).toBe('shown')
    expect(shown).toMatchObject([
      { title: 'P0', body: 'Evacuate hall 3', tag: 'a1', data: { id: 'a1' }, requireInteraction: true, silent: true },
    ])
    await notifier.show({ ...NOTICE, id: 'a2', priority: 'P1', silent: false })
    expect(shown[1]).toMatchObject({ tag: 'a2', requireInteraction: false, silent: false })
  })

  it('wait on a first visit for the service worker that is still being installed', async () => {
    const { notifier, shown, activate } = browser('granted', 'no-worker')
    const outcome = notifier.show(NOTICE)
    expect(shown).toEqual([])
    activate()
    expect(await outcome).toBe('shown')
    expect(shown).toMatchObject([{ tag: 'a1' }])
  })

  it('are not shown any more when somebody has the alert before the service worker is there', async () => {
    const { notifier, shown, activate } = browser('granted', 'no-worker')
    const [gone, replaced, last] = [
      notifier.show(NOTICE),
      notifier.show({ ...NOTICE, id: 'a2', title: 'Before' }),
      notifier.show({ ...NOTICE, id: 'a2', title: 'After' }),
    ]
    notifier.close('a1')
    activate()
    expect(await Promise.all([gone, replaced, last])).toEqual(['suppressed', 'suppressed', 'shown'])
    expect(shown).toMatchObject([{ tag: 'a2', title: 'After' }])
  })

  it('are taken away by their id; one that is gone is no error', async () => {
    const { notifier, shown } = browser('granted')
    await notifier.show(NOTICE)
    notifier.close('another')
    notifier.close('a1')
    await expect.poll(() => shown).toEqual([])
  })

  it('are not even tried without permission, and fail with a word where the browser fails', async () => {
    expect(await browser('default').notifier.show(NOTICE)).toBe('suppressed')
    expect(await browser('denied').notifier.show(NOTICE)).toBe('suppressed')
    expect(await browser('granted', 'no-worker', 0).notifier.show(NOTICE)).toBe('failed')
    expect(await browser('granted', 'failing').notifier.show(NOTICE)).toBe('failed')
  })

  it('ask a person only when told to, and tell what holds then', async () => {
    const { notifier, notifications } = browser('default')
    const heard: string[] = []
    const release = notifier.watch((availability) => heard.push(availability))
    expect(notifier.availability).toBe('not-asked')
    expect(await notifier.ask()).toBe('available')
    notifications.answer = 'denied'
    expect(await notifier.ask()).toBe('denied')
    expect(heard).toEqual(['available', 'denied'])
    release()
    await notifier.ask()
    expect(heard).toHaveLength(2)
  })

  it('tell when the permission changes in the browser’s own menus', async () => {
    const { notifier, notifications, status } = browser('granted')
    const heard: string[] = []
    notifier.watch((availability) => heard.push(availability))
    await Promise.resolve()
    notifications.permission = 'denied'
    status.dispatchEvent(new Event('change'))
    expect(heard).toEqual(['denied'])
  })

  it('tell which one was pressed', () => {
    const { notifier, container } = browser('granted')
    const pressed: string[] = []
    const release = notifier.clicked((id) => pressed.push(id))
    const say = (data: unknown) => container.dispatchEvent(new MessageEvent('message', { data }))
    say({ t: 'notice-pressed', id: 'a1' })
    say('something else')
    release()
    say({ t: 'notice-pressed', id: 'a2' })
    expect(pressed).toEqual(['a1'])
  })
})
