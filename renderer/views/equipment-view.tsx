import { useSignal } from '@preact/signals'
import type { VNode } from 'preact'
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { absenceOf } from '../components/absence.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { FilterPlace, NothingMatches } from '../components/filter-place.tsx'
import { Freshness } from '../components/freshness.tsx'
import { Sign } from '../components/sign.tsx'
import { TileMeasureProvider, TileProbe, UNMEASURED } from '../components/tile-probe.tsx'
import { useScroller } from '../components/use-scroller.ts'
import { ViewHeader } from '../components/view-header.tsx'
import { LiveTiles, tileKey, TILES_PER_FRAME, type LiveTile } from '../state/equipment.ts'
import { MAX_SHOWN_MACHINES } from '../state/shown-machines.ts'
import { soughtMachines, type SoughtMachine } from '../state/sought-machines.ts'
import type { TileMeasure } from '../state/tile-fit.ts'
import { troubledFirst } from '../state/trouble-order.ts'
import { useApp } from '../state/use-app.ts'
import { useFilter, type Filter } from '../state/use-filter.ts'
import { useGrowing } from '../state/use-growing.ts'
import { useHeldRows, type HeldRow } from '../state/use-held-rows.ts'
import { useArrival, useMovedRows, useSteadyHeights } from '../state/use-moved.ts'
import { equipmentWords } from '../text/equipment-words.ts'
import { text } from '../text/text.ts'
import { Machine, type ShownMachine } from './machine.tsx'

/** Of more tiles than this only those are drawn that somebody scrolls to: all at once would hold up a slow terminal for seconds. */
const MANY_TILES = 500

/**
 * The machines of the area with their values of the moment, those in trouble first. Live values come to this window only
 * while this is shown.
 */
export function EquipmentView() {
  const { area, channels, isLive, machines, relay, shownMachines } = useApp()
  const [isBeyondOnly, showBeyondOnly] = useState(false)
  const tiles = useMemo(() => new LiveTiles(relay), [relay])
  useEffect(() => tiles.start(), [tiles])
  const all = machines.value
  const typed = useFilter()
  const sought = useMemo(() => soughtMachines(all, typed.query), [all, typed.query])
  // Each machine is a subscription, and a window has so many: nobody here knows how the others are.
  const shown = useMemo(() => sought.slice(0, MAX_SHOWN_MACHINES), [sought])
  const isPart = sought.length > shown.length
  const tiled = useMemo(() => tiles.show(shown.map(({ machine }) => machine)), [tiles, shown])
  useEffect(() => tiles.look(), [tiles, tiled])
  useEffect(() => void (shownMachines.value = shown.map(({ machine }) => machine)), [shown, shownMachines])
  // Only in the end: in between it would be all machines, whose coming makes what is shown anew, and so on for ever.
  useEffect(() => () => void (shownMachines.value = null), [shownMachines])
  const beyond = isBeyondOnly ? tiles.troubledTiles.value : null
  const wanted = useMemo(() => machinesShown(shown, tiled, beyond), [shown, tiled, beyond])
  const total = countOf(all)
  const drawn = total > MANY_TILES ? 'near' : 'all'
  // The same nodes for the same machines: news of other channels must not go through every tile.
  const nodes = useMemo(
    () => new Map(wanted.map((one) => [one.id, <Machine key={one.id} shown={one} all={tiles} drawn={drawn} />])),
    [wanted, tiles, drawn],
  )
  const troubled = tiles.troubled.value
  const silent = tiles.silent.value
  const sorted = useMemo(() => troubledFirst(wanted, { beyond: troubled, silent }), [wanted, troubled, silent])
  const held = useHeldRows(sorted, idOf, { newcomers: 'last' })
  const place = useRef<HTMLDivElement>(null)
  // A machine that measures something new moves those below it.
  const weights = useWeights(held.order, held.rows)
  useMovedRows(place, weights)
  useSteadyHeights(place, { rows: headsAndTiles, scroller: useScroller(place) })
  // One that is well again, and only not wanted here, can be pressed as ever. One that is gone is another node: should it come
  // back, its tiles follow other readings.
  const list = held.rows.map(
    ({ key, row }) =>
      nodes.get(key) ?? <Machine key={`gone ${key}`} shown={row} all={tiles} drawn={drawn} standing="gone" />,
  )
  const choose = (): void => {
    showBeyondOnly(!isBeyondOnly)
    // Who asks for another list gets it at once.
    held.showAll()
  }
  const measure = useSignal(UNMEASURED)
  const tellMeasure = useCallback((next: TileMeasure) => (measure.value = next), [measure])
  const filter: Filter = {
    query: typed.query,
    setQuery(query) {
      typed.setQuery(query)
      held.showAll()
    },
  }
  const channel = channels.value.equipment
  const absence = absenceOf(channel, isLive.value)
  return (
    <>
      <ViewHeader
        title={text.equipment.title}
        summary={all.length === 0 ? '' : equipmentWords().summary(all.length, tiles.silentCount.value)}
        freshness={<Freshness channel={channel} />}
      >
        {all.length === 0 ? null : <Beyond tiles={tiles} isOnly={isBeyondOnly} onChoose={choose} />}
        <FilterPlace filter={filter} list={text.equipment.title} shown={countOf(sought)} total={total} />
      </ViewHeader>
      {list.length > 0 ? null : all.length === 0 ? (
        <Empty more={absence === null ? text.equipment.emptyMore : absence.more}>
          {absence?.words ?? text.equipment.empty(text.areaName(area.value))}
        </Empty>
      ) : sought.length === 0 ? (
        <NothingMatches filter={filter} />
      ) : (
        <Empty>{isPart ? equipmentWords().noneBeyondOf(shown.length) : equipmentWords().noneBeyond}</Empty>
      )}
      <div ref={place}>
        <TileMeasureProvider value={measure}>
          <Grown all={list} weights={weights} />
        </TileMeasureProvider>
      </div>
      <TileProbe told={tellMeasure} />
      {isPart ? <p class="machine-more">{equipmentWords().tooMany(shown.length, sought.length)}</p> : null}
    </>
  )
}

/**
 * A name that takes another line moves the tiles below it. Not the machines themselves: one below the fold has no height of its
 * own, and gets it as somebody scrolls there.
 */
function headsAndTiles(place: HTMLElement): Iterable<Element> {
  return place.querySelectorAll('.machine-head, .tiles')
}

/** Apart, so that a frame that draws more of them draws nothing else. */
function Grown({ all, weights }: { readonly all: readonly VNode[]; readonly weights: readonly number[] }) {
  return <>{all.slice(0, useGrowing(weights, TILES_PER_FRAME))}</>
}

/** How many tiles each of these machines has; the same array while they are the same. */
function useWeights(order: readonly string[], rows: readonly HeldRow<ShownMachine>[]): readonly number[] {
  const counts = rows.map(({ row }) => row.tiles.length)
  const key = counts.join()
  // `key` says what is in `counts`.
  return useMemo(() => counts, [order, key])
}

/** What of each machine is wanted: what is looked for, and where `beyond` names values only those. */
function machinesShown(
  sought: readonly SoughtMachine[],
  tiled: readonly (readonly LiveTile[])[],
  beyond: readonly string[] | null,
): readonly ShownMachine[] {
  const only = beyond === null ? null : new Set(beyond)
  const all = sought.map(({ machine, signals }, n): ShownMachine => {
    const every = tiled[n] ?? []
    const isWhole = only === null && signals === machine.signals
    const some = new Set(signals)
    const isWanted = (tile: LiveTile): boolean => some.has(tile.signal) && (only === null || only.has(tileKey(tile)))
    return { id: machine.id, machine, tiles: isWhole ? every : every.filter(isWanted) }
  })
  return only === null ? all : all.filter(({ tiles }) => tiles.length > 0)
}

function countOf(machines: readonly { readonly signals: readonly unknown[] }[]): number {
  return machines.reduce((sum, { signals }) => sum + signals.length, 0)
}

function idOf({ id }: ShownMachine): string {
  return id
}

interface BeyondProps {
  readonly tiles: LiveTiles
  /** Whether only the machines in trouble are shown. */
  readonly isOnly: boolean
  readonly onChoose: () => void
}

/** How many values are beyond their limits: a press shows those machines alone. Apart, because it changes with the values. */
function Beyond({ tiles, isOnly, onChoose }: BeyondProps) {
  const values = tiles.breached.value
  const isThere = isOnly || values > 0
  const place = useRef<HTMLDivElement>(null)
  useArrival(place, isThere ? 'there' : null)
  return (
    <div ref={place} class="equipment-beyond">
      {!isThere ? null : (
        <Button kind="secondary" onPress={onChoose}>
          <Sign name={isOnly ? 'equipment' : 'above'} />
          {isOnly ? equipmentWords().all : equipmentWords().beyond(values)}
        </Button>
      )}
    </div>
  )
}
