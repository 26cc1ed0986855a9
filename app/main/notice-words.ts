import type { DeviceNoticesOptions } from '../../relay/shell/notifications.ts'

/** What stands in a native notification: the words of whoever raised the alert, so that no language has to be chosen here. */
export const noticeWords: DeviceNoticesOptions['words'] = ({ alerts }) => {
  const [first, ...others] = alerts
  const title = `${first.priority} · ${first.title}${others.length > 0 ? ` (+${others.length})` : ''}`
  return { title, body: [first.area, first.body].filter(Boolean).join('\n') }
}
