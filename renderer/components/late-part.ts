import { useEffect, useReducer } from 'preact/hooks'

/** A part of the page that its first load does without: few need it at once, or nobody waits for it. */
export interface LatePart<Part> {
  /** Null: not loaded. */
  readonly loaded: Part | null
  /** Rejected: it could not be loaded; another call asks again. */
  load(): Promise<void>
}

export function latePart<Part>(fetch: () => Promise<Part>): LatePart<Part> {
  let loaded: Part | null = null
  return {
    get loaded() {
      return loaded
    },
    async load() {
      loaded ??= await fetch()
    },
  }
}

/** The part as soon as it is at hand, which it is some time after it was wanted; null before, and where it cannot be loaded. */
export function useLatePart<Part>(part: LatePart<Part>, isWanted: boolean): Part | null {
  const [, draw] = useReducer<number, void>((n) => n + 1, 0)
  const { loaded } = part
  const isMissing = isWanted && loaded === null
  useEffect(() => {
    if (!isMissing) return undefined
    let isOver = false
    void part.load().then(
      () => (isOver ? undefined : draw()),
      // Without a network. The view is whole without it, and asks again when it is shown again.
      () => undefined,
    )
    return () => {
      isOver = true
    }
  }, [part, isMissing])
  return loaded
}
