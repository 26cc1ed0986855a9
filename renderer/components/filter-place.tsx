import type { ComponentType } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../state/use-app.ts'
import { MANY_ROWS, type Filter } from '../state/use-filter.ts'
import { text } from '../text/text.ts'
import { Empty } from './empty.tsx'
import type { SoughtList } from './filter-box.tsx'

let loaded: ComponentType<SoughtList> | null = null

/**
 * Where a list that is longer than a screen gets its "Find" (`filter-box.tsx`), loaded with the first such list. From then on
 * it stays as long as the view does: what comes and goes moves every row below it.
 */
export function FilterPlace(sought: SoughtList) {
  const { presses } = useApp()
  const [Box, setBox] = useState(() => loaded)
  const wasLong = useRef(false)
  wasLong.current ||= sought.total > MANY_ROWS
  const isLong = wasLong.current
  useEffect(() => {
    if (!isLong || Box !== null) return
    void import('./filter-box.tsx').then(
      ({ FilterBox }) => {
        loaded = FilterBox
        setBox(() => FilterBox)
      },
      // Not kept, and no network: the list is there all the same, and the next view asks again.
      () => undefined,
    )
  }, [isLong, Box])
  const isThere = isLong && Box !== null
  const place = useRef<HTMLDivElement>(null)
  const isFirst = useRef(true)
  useLayoutEffect(() => {
    const view = place.current?.closest('main')
    if (!isFirst.current && view !== null && view !== undefined) presses.moved(view)
    isFirst.current = false
  }, [isThere, presses])
  return (
    <div ref={place} class="filter-place" hidden={!isThere}>
      {isThere ? <Box {...sought} /> : null}
    </div>
  )
}

/** There are rows, and none is meant. */
export function NothingMatches({ filter }: { readonly filter: Filter }) {
  return <Empty>{text.filter.none(filter.query.trim())}</Empty>
}
