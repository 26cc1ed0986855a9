import type { PlannedNotice } from '../../relay/domain/notifications.ts'
import { clock } from './clock.ts'
import type { Text } from './en.ts'

/** Lock screens and daemons cut longer bodies; the whole of it is in Andon. */
const MAX_BODY = 120
/** Titles of a summary; the rest is a number. */
const NAMED = 2

/** A notice in words, in the language of `table`: of one alert what, where and what to do; of several how many and which. */
export function noticeWords(
  table: Text,
  { alerts, isMissed }: PlannedNotice,
): { readonly title: string; readonly body: string } {
  const [first] = alerts
  const { notices } = table
  if (alerts.length === 1) {
    const { priority, area, title, body, raised } = first
    const mark = table.alerts.markLabel(priority, table.alerts.priority[priority])
    const when = isMissed ? [notices.raisedAt(clock(new Date(raised.at)))] : []
    const where = table.and([mark, table.areaName(area), ...when])
    return { title, body: body === null ? where : `${where}\n${cut(body)}` }
  }
  const named = alerts.slice(0, NAMED).map(({ priority, title }) => `${priority} ${title}`)
  const rest = alerts.length - named.length
  const lines = rest === 0 ? named : [...named, notices.more(rest)]
  return { title: notices.several(alerts.length), body: lines.map(cut).join('\n') }
}

function cut(words: string): string {
  const [line = ''] = words.split('\n')
  return line.length <= MAX_BODY ? line : `${line.slice(0, MAX_BODY - 1)}…`
}
