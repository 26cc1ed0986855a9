import type { Rectangle } from 'electron'

/** The part of Electron's `Display` that is needed. */
export interface DisplayPlace {
  readonly bounds: Rectangle
  readonly workArea: Rectangle
}

/** An ordinary window: a terminal's picture at a size that leaves room beside it. */
const WINDOW = { width: 1280, height: 800 } as const
/** Each further window on the same display stands this far from the one before it. */
const CASCADE = 48

/**
 * Where window `index` stands: a display each from left to right, then beginning again. `displays` is never empty on a machine
 * that shows anything.
 */
export function placeOf(
  index: number,
  displays: readonly DisplayPlace[],
  { isLocked }: { readonly isLocked: boolean },
): Rectangle {
  const sorted = displays.toSorted((a, b) => a.bounds.x - b.bounds.x || a.bounds.y - b.bounds.y)
  const display = sorted[index % Math.max(1, sorted.length)]
  if (display === undefined) return { x: 0, y: 0, ...WINDOW }
  if (isLocked) return display.bounds
  const { x, y, width, height } = display.workArea
  const step = CASCADE * Math.floor(index / sorted.length)
  return {
    x: x + step,
    y: y + step,
    width: Math.min(WINDOW.width, width - step),
    height: Math.min(WINDOW.height, height - step),
  }
}
