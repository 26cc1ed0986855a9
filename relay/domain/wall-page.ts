/** What a screen that cannot show every line shows at one time. */
export interface WallPage {
  /** In the order in which they stand. */
  readonly areas: readonly string[]
  /** What turns: all lines that are not kept, or of those the ones with something wrong, or the others. */
  readonly of: 'all' | 'wrong' | 'others'
  /** From 1, of those of its kind. */
  readonly page: number
  readonly pages: number
  /** Lines with something wrong that are not on this page. */
  readonly wrongElsewhere: number
}

export interface WallPlaces {
  /** Of the first lines, how many have something wrong. */
  readonly wrong: number
  /** How much room a screen has, in places. */
  readonly places: number
  /** How many of them a line takes; one unless said. */
  readonly sizeOf?: (area: string) => number
  /** How often the page was turned: any whole number. */
  readonly turn: number
  /** A person turns page by page. By itself, what is wrong comes oftener. */
  readonly by: 'itself' | 'hand'
}

/** Share of the places in which lines with something wrong stand on every page where all of them have room there; and else. */
const KEPT_ALL = 0.75
const KEPT_SOME = 0.5
/** Of so many turns all but one are of lines with something wrong, while not all of those are kept. */
const ROUND = 3

/**
 * One page of the lines, which are given the worst first. Lines with something wrong stand on every page where they leave a
 * quarter of the places to the others, and room for the largest of them; else the worst, in half of the places. Then pages that
 * turn by themselves are of those, the worst first, in two of three turns, and of the other lines in the third: every wrong one
 * is seen within one and a half turns for each page of them, however many other lines a site has.
 */
export function wallPage(order: readonly string[], { wrong, places, sizeOf = one, turn, by }: WallPlaces): WallPage {
  if (sum(order, sizeOf) <= places) return { areas: order, of: 'all', page: 1, pages: 1, wrongElsewhere: 0 }
  const largest = order.slice(wrong).reduce((most, area) => Math.max(most, sizeOf(area)), 0)
  const isFew = sum(order.slice(0, wrong), sizeOf) <= Math.min(KEPT_ALL * places, places - largest)
  const kept = isFew ? order.slice(0, wrong) : firstWithin(order.slice(0, wrong), KEPT_SOME * places, sizeOf)
  const room = places - sum(kept, sizeOf)
  const [rest, others] = [order.slice(kept.length, wrong), order.slice(wrong)]
  const isMixed = by === 'itself' && rest.length > 0 && others.length > 0
  const at = Math.trunc(turn)
  const round = Math.floor(at / ROUND)
  const step = at - round * ROUND
  const isOthers = step === ROUND - 1
  const [of, lines, index] = !isMixed
    ? (['all', [...rest, ...others], at] as const)
    : isOthers
      ? (['others', others, round] as const)
      : (['wrong', rest, round * (ROUND - 1) + step] as const)
  const pages = pagesOf(lines, room, sizeOf)
  const shown = ((index % pages.length) + pages.length) % pages.length
  const turned = pages[shown] ?? []
  const seen = of === 'others' ? 0 : turned.filter((area) => rest.includes(area)).length
  return {
    areas: [...kept, ...turned],
    of,
    page: shown + 1,
    pages: pages.length,
    wrongElsewhere: rest.length - seen,
  }
}

function one(): number {
  return 1
}

function sum(areas: readonly string[], sizeOf: (area: string) => number): number {
  return areas.reduce((all, area) => all + sizeOf(area), 0)
}

/** Those from the beginning that have room together. */
function firstWithin(areas: readonly string[], room: number, sizeOf: (area: string) => number): readonly string[] {
  let taken = 0
  const end = areas.findIndex((area) => (taken += sizeOf(area)) > room)
  return end < 0 ? areas : areas.slice(0, end)
}

/** In their order; what is larger than a page has one for itself. */
function pagesOf(
  areas: readonly string[],
  room: number,
  sizeOf: (area: string) => number,
): readonly (readonly string[])[] {
  const pages: (readonly string[])[] = []
  for (let rest = areas; rest.length > 0;) {
    const page = firstWithin(rest, room, sizeOf)
    pages.push(page.length > 0 ? page : rest.slice(0, 1))
    rest = rest.slice(Math.max(1, page.length))
  }
  return pages
}
