import type { SeriesPoint } from '../../relay/protocol/telemetry.ts'

/** Units of the drawing; it is stretched to its place. */
const WIDTH = 100
const HEIGHT = 30

/** A value's way through the last half hour, without axes: whether it rises or falls. The value stands beside it in words. */
export function Spark({ points }: { readonly points: readonly SeriesPoint[] }) {
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {points.length < 2 ? null : <path class="spark-line" d={sparkPath(points)} />}
    </svg>
  )
}

/** The means from corner to corner; a value that does not move is in the middle. */
export function sparkPath(points: readonly SeriesPoint[]): string {
  const means = points.map(([, , mean]) => mean)
  const [low, high] = [Math.min(...means), Math.max(...means)]
  const [first, last] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0]
  return points
    .map(([at, , mean], index) => {
      const x = last === first ? 0 : ((at - first) / (last - first)) * WIDTH
      const y = high === low ? HEIGHT / 2 : HEIGHT - 1 - ((mean - low) / (high - low)) * (HEIGHT - 2)
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}
