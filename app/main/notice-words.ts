import type { KeptMentionsOptions } from '../../relay/shell/kept-mentions.ts'
import type { DeviceNoticesOptions } from '../../relay/shell/notifications.ts'

/** What stands in a native notification: the words of whoever raised the alert, so that no language has to be chosen here. */
export const noticeWords: DeviceNoticesOptions['words'] = ({ alerts }) => {
  const [first, ...others] = alerts
  const title = `${first.priority} · ${first.title}${others.length > 0 ? ` (+${others.length})` : ''}`
  return { title, body: [first.area, first.body].filter(Boolean).join('\n') }
}

/** Of a message that names somebody: who says what, and where. */
export const mentionWords: KeptMentionsOptions['words'] = ({ by, line, text }) => ({
  title: `${by} · ${line}`,
  body: text,
})
