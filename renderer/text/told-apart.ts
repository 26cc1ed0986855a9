/** A part of a title that is kept or left out as a whole: a word with what stands before it; of a long word so many letters. */
const PART = /\s*\S{1,12}/g
/** Parts at the beginning that stay, so that each still begins as it does. */
const KEPT = 2
const LEFT_OUT = ' …'

/**
 * For each title a shorter one that tells it from all the others, for where not all of it fits: what it has in common with
 * others is left out behind its first words; the first word that differs from each of them stays, with the one before it. Titles of which nothing
 * is left out stay as they are. Equal ones stay equal; their place and time tell them apart.
 */
export function toldApart(titles: readonly string[]): readonly string[] {
  const all = titles.map((title) => title.match(PART) ?? [])
  return all.map((parts, index) => {
    const forks = new Set(all.flatMap((other, n) => (n === index ? [] : forkOf(parts, other))))
    if (forks.size === 0) return titles[index] ?? ''
    const last = Math.max(...forks)
    const isKept = (n: number): boolean => n < KEPT || n >= last || forks.has(n) || forks.has(n + 1)
    let isOpen = false
    return parts
      .flatMap((part, n) => {
        if (isKept(n)) {
          const words = isOpen && !/^\s/.test(part) ? ` ${part}` : part
          isOpen = false
          return [words]
        }
        if (isOpen) return []
        isOpen = true
        return [LEFT_OUT]
      })
      .join('')
      .trim()
  })
}

/** The first part that is another one; none where they are the same. */
function forkOf(parts: readonly string[], other: readonly string[]): readonly number[] {
  const fork = parts.findIndex((part, n) => part !== other[n])
  return fork === -1 ? [] : [fork]
}
