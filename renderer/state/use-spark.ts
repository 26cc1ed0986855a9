import { useEffect, useState } from 'preact/hooks'
import type { LineValue } from '../../relay/domain/line-values.ts'
import type { SeriesPoint } from '../../relay/protocol/telemetry.ts'
import { useApp } from './use-app.ts'

/** How far back the line beside a value goes, in how many points, and how often it is read again. */
export const SPARK_MS = 30 * 60_000
const SPARK_POINTS = 40
const SPARK_REFRESH_MS = 60_000

/** The last half hour of a value, oldest first; empty while it cannot be had. */
export function useSpark({ machine, signal }: LineValue): readonly SeriesPoint[] {
  const app = useApp()
  const { relay, isLive, serverNow } = app
  const [points, setPoints] = useState<readonly SeriesPoint[]>([])
  const { area, id } = machine
  const { name } = signal
  const canRead = isLive.value
  useEffect(() => {
    if (!canRead) return undefined
    let isOver = false
    const read = async (): Promise<void> => {
      const to = serverNow.peek()
      const reply = await relay.series({
        area,
        machine: id,
        signal: name,
        from: new Date(to - SPARK_MS).toISOString(),
        to: new Date(to).toISOString(),
        points: SPARK_POINTS,
      })
      // What cannot be read leaves the line as it was: the value beside it says how old it is.
      if (!isOver && reply.ok) setPoints(reply.page.points)
    }
    void read()
    const again = setInterval(() => void read(), SPARK_REFRESH_MS)
    return () => {
      isOver = true
      clearInterval(again)
    }
  }, [relay, area, id, name, canRead, serverNow])
  return points
}
