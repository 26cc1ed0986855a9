/** What a screen that cannot show every line shows at one time. */
export interface WallPage {
  /** In the order in which they stand. */
  readonly areas: readonly string[]
  /** From 1. */
  readonly page: number
  readonly pages: number
}

interface WallPlaces {
  /** Of the first lines, how many have something wrong. */
  readonly wrong: number
  /** How many lines a screen has room for. */
  readonly places: number
  /** How often the page was turned: any whole number. */
  readonly turn: number
}

/**
 * One page of the lines. Lines with something wrong stand on every page, up to half of the places: what is wrong must not be
 * out of sight for as long as a round of many pages takes.
 */
export function wallPage(order: readonly string[], { wrong, places, turn }: WallPlaces): WallPage {
  const room = Math.max(1, Math.floor(places))
  if (order.length <= room) return { areas: order, page: 1, pages: 1 }
  const kept = Math.min(wrong, Math.floor(room / 2))
  const rest = order.slice(kept)
  const size = room - kept
  const pages = Math.ceil(rest.length / size)
  const index = ((Math.trunc(turn) % pages) + pages) % pages
  return {
    areas: [...order.slice(0, kept), ...rest.slice(index * size, (index + 1) * size)],
    page: index + 1,
    pages,
  }
}
