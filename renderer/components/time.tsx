import { momentOf, timeWords } from '../state/moments.ts'
import { useApp } from '../state/use-app.ts'

/** A moment of the server, or of this device (epoch milliseconds), as `14:03`, with the day when it is not today's. */
export function Time({ at }: { readonly at: string | number }) {
  const app = useApp()
  return <time dateTime={momentOf(app, at).toISOString()}>{timeWords(app, at)}</time>
}
