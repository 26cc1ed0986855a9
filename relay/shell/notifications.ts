import { isAlertRecord } from '../domain/alerts.ts'
import {
  noticeMemoryOf,
  planNotices,
  startNotices,
  type NoticeLink,
  type NoticeMemory,
  type NoticeState,
  type PlannedNotice,
} from '../domain/notifications.ts'
import type { WindowModel } from '../domain/window-model.ts'
import type { Clock } from '../ports.ts'
import { URGENT_CHANNEL } from '../protocol/channels.ts'
import type { Notice, NoticeOutcome } from '../protocol/notices.ts'
import type { WindowClient } from '../window.ts'

/** What a device needs to notify: one of these per device, in Electron's main process or in the page that holds the lock. */
export interface DeviceNoticesOptions {
  readonly relay: Pick<WindowClient, 'model' | 'listen' | 'notified'>
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  /** The platform. `show` never rejects; a notice with the id of one that stands takes its place. */
  readonly notifier: { show(notice: Notice): Promise<NoticeOutcome>; close(id: string): void }
  /** Keeps the memory over restarts. Losing it repeats what is still active, no more; neither may throw. */
  readonly keeper: { load(): unknown; save(memory: NoticeMemory): void }
  readonly words: (notice: PlannedNotice) => { readonly title: string; readonly body: string }
  /** Whether a person could see a window of this device now. */
  readonly isInSight: () => boolean
  /** Whether this device sounds by itself now, so that the platform need not. */
  readonly isSounding: () => boolean
}

/** Notifies of what `domain/notifications.ts` plans, and reports what became of it (P4). Returns the release. */
export function keepNotices(options: DeviceNoticesOptions): () => void {
  const { relay, clock, notifier, keeper } = options
  let state: NoticeState = startNotices(noticeMemoryOf(keeper.load()))
  let cancel: () => void = () => undefined

  const show = (plan: PlannedNotice): void => {
    const notice = {
      id: plan.id,
      priority: plan.alerts[0].priority,
      silent: options.isSounding(),
      ...options.words(plan),
    }
    void notifier.show(notice).then((outcome) => {
      for (const alert of plan.alerts) relay.notified(alert.id, outcome)
    })
  }
  const look = (): void => {
    cancel()
    const { model } = relay
    if (model === null) return
    const sight = { isInSight: options.isInSight(), now: clock.monotonic() }
    const plan = planNotices(state, { alerts: alertsOf(model), link: linkOf(model), ...sight })
    const isChanged = plan.state.memory !== state.memory
    state = plan.state
    // First, so that a crash in the middle repeats nothing.
    if (isChanged) keeper.save(state.memory)
    plan.close.forEach((id) => notifier.close(id))
    plan.show.forEach(show)
    cancel = state.dueAt === null ? () => undefined : clock.after(Math.max(0, state.dueAt - sight.now), look)
  }
  const release = relay.listen(look)
  look()
  return () => {
    release()
    cancel()
  }
}

function alertsOf({ channels }: WindowModel) {
  const records = channels.get(URGENT_CHANNEL)?.records ?? {}
  return Object.values(records).flatMap(({ record }) => (isAlertRecord(record) ? [record] : []))
}

function linkOf({ channels, status }: WindowModel): NoticeLink {
  if (status.state !== 'live' && status.state !== 'resuming') return 'down'
  return channels.get(URGENT_CHANNEL)?.current === true ? 'current' : 'resuming'
}
