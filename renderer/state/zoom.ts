/** How a photo is looked at: how much larger than all of it, and how far its middle is from the middle of the place, pixels. */
export interface Zoom {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box {
  readonly width: number
  readonly height: number
}

export const ALL_OF_IT: Zoom = { scale: 1, x: 0, y: 0 }
const MAX_SCALE = 8
/** Of a button or a key. */
export const STEP = 1.5
/** Of two taps. */
export const TAPPED_SCALE = 3

/** Larger or smaller by this factor; what is at this point (from the middle of the place) stays there. */
export function zoomBy(zoom: Zoom, factor: number, { at, box }: { readonly at: Point; readonly box: Box }): Zoom {
  const scale = Math.min(MAX_SCALE, Math.max(1, zoom.scale * factor))
  const grown = scale / zoom.scale
  return within({ scale, x: at.x - (at.x - zoom.x) * grown, y: at.y - (at.y - zoom.y) * grown }, box)
}

export function moveBy(zoom: Zoom, by: Point, box: Box): Zoom {
  return within({ ...zoom, x: zoom.x + by.x, y: zoom.y + by.y }, box)
}

/** No edge of the photo leaves the edge of the place for the middle. */
function within({ scale, x, y }: Zoom, { width, height }: Box): Zoom {
  const farX = ((scale - 1) * width) / 2
  const farY = ((scale - 1) * height) / 2
  return { scale, x: between(-farX, x, farX), y: between(-farY, y, farY) }
}

function between(least: number, value: number, most: number): number {
  // Not a minus zero.
  return Math.min(most, Math.max(least, value)) + 0
}
