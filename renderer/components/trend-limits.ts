import type UPlot from 'uplot'
import type { SignalLimits } from '../../relay/protocol/telemetry.ts'
import { exact } from '../text/quantity.ts'

/** Where a limit says its value: beside the chart, where there is no axis, or at an edge within. */
export type Side = 'beside' | 'left' | 'right'

interface LimitLook {
  readonly scale: string
  readonly side: Side
  readonly unit: string
  readonly ink: string
  /** Behind words, so that they are read over a line. */
  readonly ground: string
  /** Of letters, CSS pixels. */
  readonly size: number
  readonly font: string
}

/** Between words and what is beside them, in letters. */
const AIR = 0.35
/** A digit is at most this part of the letters' size. */
export const DIGIT = 0.62

/** How wide the words of limits are, pixels, for the room beside a chart. */
export function limitRoom(limits: SignalLimits | null, unit: string, letters: number): number {
  const words = [limits?.low ?? null, limits?.high ?? null].map((limit) =>
    limit === null ? '' : `↑ ${exact(limit, unit)}`,
  )
  const longest = Math.max(...words.map(({ length }) => length))
  return longest === 0 ? 0 : Math.ceil(longest * letters * DIGIT)
}

/** What is written of one limit. `row` counts from the edge: two beyond the same edge stand one over the other. */
interface LimitWords {
  readonly limit: number
  readonly words: string
  readonly at: 'line' | 'top' | 'bottom'
  readonly row: 0 | 1
  /** The lower end of what is allowed, or the upper one. */
  readonly end: 'low' | 'high'
}

/** How the limits are written on a scale; the order of those beyond one edge is that of their values. */
export function limitWords(
  { low, high }: SignalLimits,
  { min, max }: { readonly min: number; readonly max: number },
  unit: string,
): readonly LimitWords[] {
  const ends = [
    { limit: low, end: 'low', other: high },
    { limit: high, end: 'high', other: low },
  ] as const
  return ends.flatMap(({ limit, end, other }): readonly LimitWords[] => {
    if (limit === null) return []
    const words = exact(limit, unit)
    if (limit > max) {
      const row = end === 'low' && other !== null ? 1 : 0
      return [{ limit, end, words: `↑ ${words}`, at: 'top', row }]
    }
    if (limit < min) {
      const row = end === 'high' && other !== null ? 1 : 0
      return [{ limit, end, words: `↓ ${words}`, at: 'bottom', row }]
    }
    return [{ limit, end, words, at: 'line', row: 0 }]
  })
}

/**
 * Limits are dashed lines over the whole width with their value at the edge, told by form and not by colour. One that no value
 * comes near has no line: an arrow at the edge says where it would be.
 */
export function drawLimits(plot: UPlot, limits: SignalLimits, look: LimitLook): void {
  const { min, max } = plot.scales[look.scale] ?? {}
  if (min === undefined || min === null || max === undefined || max === null) return
  const { ctx, bbox } = plot
  ctx.save()
  ctx.font = look.font.replace(/^[\d.]+/, String(look.size * devicePixelRatio))
  for (const { limit, words, at, row, end } of limitWords(limits, { min, max }, look.unit)) {
    const rows = row * rowHeight(look.size)
    if (at === 'top') drawWords(plot, words, { ...look, y: bbox.top + rows, above: false })
    else if (at === 'bottom') drawWords(plot, words, { ...look, y: bbox.top + bbox.height - rows, above: true })
    else {
      const y = plot.valToPos(limit, look.scale, true)
      ctx.strokeStyle = look.ink
      ctx.lineWidth = 2 * devicePixelRatio
      ctx.setLineDash([10 * devicePixelRatio, 6 * devicePixelRatio])
      ctx.beginPath()
      ctx.moveTo(bbox.left, y)
      ctx.lineTo(bbox.left + bbox.width, y)
      ctx.stroke()
      drawWords(plot, words, { ...look, y, above: end === 'high' })
    }
  }
  ctx.restore()
}

/** Of a line of words with its air, pixels of the device. */
function rowHeight(size: number): number {
  return size * devicePixelRatio * (1 + 2 * AIR)
}

/** Words at the edge: beside their height, or above or below it, on the other side where there is no room. */
function drawWords(
  { ctx, bbox }: UPlot,
  words: string,
  { y, above, side, size, ink, ground }: LimitLook & { readonly y: number; readonly above: boolean },
): void {
  const letter = size * devicePixelRatio
  const air = letter * AIR
  const height = rowHeight(size)
  const isUp = above ? y - height >= bbox.top : y + height > bbox.top + bbox.height
  const right = bbox.left + bbox.width
  const x = { beside: right + air, left: bbox.left + air, right: right - air }[side]
  ctx.textAlign = side === 'right' ? 'right' : 'left'
  ctx.textBaseline = 'middle'
  const middle = side === 'beside' ? y : y + (isUp ? -height / 2 : height / 2)
  ctx.setLineDash([])
  if (side !== 'beside') {
    // What runs below them stays seen between the letters.
    ctx.strokeStyle = ground
    ctx.lineWidth = letter * AIR
    ctx.lineJoin = 'round'
    ctx.strokeText(words, x, middle)
  }
  ctx.fillStyle = ink
  ctx.fillText(words, x, middle)
}
