import { useEffect, useRef, useState } from 'preact/hooks'
import { isUrgent } from '../../relay/protocol/record-words.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'

/** Reads new alerts out: urgent ones at once, the others when there is a pause. What was there at the start is not news. */
export function Announcer() {
  const { board } = useApp()
  const known = useRef<ReadonlySet<string> | null>(null)
  const [urgent, setUrgent] = useState('')
  const [other, setOther] = useState('')
  const { rows } = board.value
  useEffect(() => {
    const before = known.current
    known.current = new Set(rows.map((row) => row.id))
    if (before === null) return
    for (const row of rows.filter(({ id }) => !before.has(id))) {
      const words = text.alerts.announce(row.priority, text.areaName(row.area), row.title)
      if (isUrgent(row.priority)) setUrgent(words)
      else setOther(words)
    }
  }, [rows])
  return (
    <div class="visually-hidden">
      <p aria-live="assertive">{urgent}</p>
      <p aria-live="polite">{other}</p>
    </div>
  )
}
