import type { Signal } from '@preact/signals'

/** Of each line the values that stand for it on this device, as `valueKey` names them, the first one first. */
export type ChosenValues = ReadonlyMap<string, readonly string[]>

/** As many as the view of a line shows. */
export const MAX_CHOSEN = 4
/** Those of each line on a board of all lines. */
export const VALUES_PER_LINE = 2
/** Lines of which a device remembers a choice: more than a site has; those that were chosen first are forgotten first. */
export const MAX_CHOSEN_LINES = 300

export function valueKey({ machine, signal }: ValueName): string {
  return `${machine.id}/${signal.name}`
}

interface ValueName {
  readonly machine: { readonly id: string }
  readonly signal: { readonly name: string }
}

interface Choice {
  readonly chosenValues: Signal<ChosenValues>
  readonly memory: { rememberValues(values: ChosenValues): void }
}

/** Shows these values of a line from now on; with none, those that stand for it by themselves. */
export function chooseValues({ chosenValues, memory }: Choice, area: string, keys: readonly string[]): void {
  const next = new Map(chosenValues.value)
  next.delete(area)
  if (keys.length > 0) next.set(area, [...new Set(keys)].slice(0, MAX_CHOSEN))
  for (const first of next.keys()) {
    if (next.size <= MAX_CHOSEN_LINES) break
    next.delete(first)
  }
  chosenValues.value = next
  memory.rememberValues(next)
}
