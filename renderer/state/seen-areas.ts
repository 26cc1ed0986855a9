import { computed, type ReadonlySignal } from '@preact/signals'
import type { WindowModel } from '../../relay/domain/window-model.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import { compareText, naturalKey } from './natural-order.ts'

/** The areas that whoever looks may see, as people count them: `line-2` before `line-10`. */
export function seenAreas(model: ReadonlySignal<WindowModel>): ReadonlySignal<readonly string[]> {
  // Apart, because a model is another one many times a second, and its areas are the same for days.
  const known = computed(() => model.value.areas)
  const session = computed(() => model.value.session)
  const sorted = computed(() =>
    known.value
      .map((area) => ({ area, key: naturalKey(area) }))
      .toSorted((one, other) => compareText(one.key, other.key))
      .map(({ area }) => area),
  )
  return computed(() => {
    const { value: person } = session
    return person === null ? sorted.value : sorted.value.filter((area) => coversArea(person.areas, area))
  })
}
