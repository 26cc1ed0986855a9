import { useComputed, useSignal } from '@preact/signals'
import type { VNode } from 'preact'
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import { absenceOf } from '../components/absence.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { Freshness } from '../components/freshness.tsx'
import { Sign } from '../components/sign.tsx'
import { Tile } from '../components/tile.tsx'
import { TileMeasureProvider, TileProbe, UNMEASURED } from '../components/tile-probe.tsx'
import { useScroller } from '../components/use-row-places.ts'
import { ViewHeader } from '../components/view-header.tsx'
import { LiveTiles, MAX_SHOWN_MACHINES, TILES_PER_FRAME, type LiveTile } from '../state/equipment.ts'
import type { TileMeasure } from '../state/tile-fit.ts'
import { troubledFirst } from '../state/trouble-order.ts'
import { useApp } from '../state/use-app.ts'
import { useGrowing } from '../state/use-growing.ts'
import { useHeldRows, type HeldRow } from '../state/use-held-rows.ts'
import { useArrival, useMovedRows, useSteadyHeights } from '../state/use-moved.ts'
import { clockOrDay } from '../text/format.ts'
import { text } from '../text/text.ts'

/** Machines this near to the screen are drawn already, so that nobody scrolls to an old value. */
const SIGHT_MARGIN = '200px'

/**
 * The machines of the area with their values of the moment, those in trouble first. Live values come to this window only
 * while this is shown.
 */
export function EquipmentView() {
  const { area, channels, isLive, machines, relay } = useApp()
  const [isBeyondOnly, showBeyondOnly] = useState(false)
  const tiles = useMemo(() => new LiveTiles(relay), [relay])
  useEffect(() => tiles.start(), [tiles])
  const all = machines.value
  const shown = useMemo(() => all.slice(0, MAX_SHOWN_MACHINES), [all])
  const tiled = useMemo(() => tiles.show(shown), [tiles, shown])
  useEffect(() => tiles.look(), [tiles, tiled])
  const tiledMachines = useMemo(
    () => shown.map((machine, n): ShownMachine => ({ id: machine.id, machine, tiles: tiled[n] ?? [] })),
    [shown, tiled],
  )
  // The same nodes for the same machines: news of other channels must not go through every tile.
  const nodes = useMemo(
    () => new Map(tiledMachines.map((one) => [one.id, <Machine key={one.id} shown={one} all={tiles} />])),
    [tiledMachines, tiles],
  )
  const troubled = tiles.troubled.value
  const wanted = useMemo(
    () => (isBeyondOnly ? tiledMachines.filter(({ id }) => troubled.includes(id)) : tiledMachines),
    [isBeyondOnly, tiledMachines, troubled],
  )
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
    ({ key, row }) => nodes.get(key) ?? <Machine key={`gone ${key}`} shown={row} all={tiles} standing="gone" />,
  )
  const choose = (): void => {
    showBeyondOnly(!isBeyondOnly)
    // Who asks for another list gets it at once.
    held.showAll()
  }
  const measure = useSignal(UNMEASURED)
  const tellMeasure = useCallback((next: TileMeasure) => (measure.value = next), [measure])
  // Each machine is a subscription, and a window has so many: nobody here knows how the others are.
  const isPart = all.length > shown.length
  const channel = channels.value.equipment
  const absence = absenceOf(channel, isLive.value)
  return (
    <>
      <ViewHeader
        title={text.equipment.title}
        summary={all.length === 0 ? '' : text.equipment.summary(all.length, tiles.silentCount.value)}
        freshness={<Freshness channel={channel} />}
      >
        {all.length === 0 ? null : <Beyond tiles={tiles} isOnly={isBeyondOnly} onChoose={choose} />}
      </ViewHeader>
      {list.length > 0 ? null : all.length === 0 ? (
        <Empty more={absence === null ? text.equipment.emptyMore : absence.more}>
          {absence?.words ?? text.equipment.empty(text.areaName(area.value))}
        </Empty>
      ) : (
        <Empty>{isPart ? text.equipment.noneBeyondOf(shown.length) : text.equipment.noneBeyond}</Empty>
      )}
      <div ref={place}>
        <TileMeasureProvider value={measure}>
          <Grown all={list} weights={weights} />
        </TileMeasureProvider>
      </div>
      <TileProbe told={tellMeasure} />
      {isPart ? <p class="machine-more">{text.equipment.tooMany(shown.length)}</p> : null}
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

/** A machine with the tiles it was last shown with, which stay with it when it goes. */
interface ShownMachine {
  readonly id: string
  readonly machine: MachineRecord
  readonly tiles: readonly LiveTile[]
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
          {isOnly ? text.equipment.all : text.equipment.beyond(values)}
        </Button>
      )}
    </div>
  )
}

interface MachineProps {
  readonly shown: ShownMachine
  readonly all: LiveTiles
  /** `gone`: it is no machine of the area any more, and stands there only until the hand is away. */
  readonly standing?: 'here' | 'gone'
}

function Machine({ shown: { machine, tiles }, all, standing = 'here' }: MachineProps) {
  const { sheet } = useApp()
  const place = useRef<HTMLElement>(null)
  const list = useRef<HTMLUListElement>(null)
  // In the order of their names: a new one stands where another stood.
  useMovedRows(list, tiles.map(({ signal }) => signal.name).join())
  const heading = `machine-${machine.id}`
  const isGone = standing === 'gone'
  useEffect(() => {
    if (place.current === null) return undefined
    const observer = new IntersectionObserver(
      (entries) => all.sighted(machine, entries.at(-1)?.isIntersecting ?? true),
      { rootMargin: SIGHT_MARGIN },
    )
    observer.observe(place.current)
    return () => observer.disconnect()
  }, [all, machine])
  return (
    <section
      ref={place}
      class={isGone ? 'machine row-gone' : 'machine'}
      aria-labelledby={heading}
      data-machine={machine.id}
    >
      <div class="machine-head">
        <h2 id={heading}>{text.equipment.named(machine.id, machine.label)}</h2>
        {machine.simulated ? (
          <span class="machine-simulated" title={text.equipment.simulatedMore}>
            {text.equipment.simulated}
          </span>
        ) : null}
        {isGone ? <em>{text.rows.gone}</em> : <LastSample machine={machine} tiles={tiles} />}
      </div>
      <ul ref={list} class="tiles">
        {tiles.map((tile) => (
          <li key={tile.signal.name}>
            <Tile
              tile={tile}
              onOpen={
                isGone ? null : () => (sheet.value = { kind: 'trend', machine: machine.id, signal: tile.signal.name })
              }
            />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** When the machine was last heard of, while this window has heard nothing of it. */
function LastSample({ machine, tiles }: { readonly machine: MachineRecord; readonly tiles: readonly LiveTile[] }) {
  const { now } = useApp()
  const isUnheard = useComputed(() => tiles.every(({ reading }) => reading.value.freshness === 'unknown'))
  if (!isUnheard.value || machine.lastSampleAt === null) return null
  const at = clockOrDay(new Date(machine.lastSampleAt), new Date(now.value))
  return <span class="machine-last">{text.equipment.lastAt(at)}</span>
}
