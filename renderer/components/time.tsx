import { clockOrDay } from '../text/format.ts'
import { useApp } from '../state/use-app.ts'

/** A moment of the server or of this device (epoch milliseconds), as `14:03`, with the day when it is not today's. */
export function Time({ at }: { readonly at: string | number }) {
  const date = new Date(at)
  const today = new Date(useApp().now.value)
  return <time dateTime={date.toISOString()}>{clockOrDay(date, today)}</time>
}
