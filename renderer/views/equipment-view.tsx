import { useComputed, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import { Empty } from '../components/empty.tsx'
import { Freshness } from '../components/freshness.tsx'
import { Tile } from '../components/tile.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { LiveTiles, MAX_SHOWN_MACHINES, type LiveTile } from '../state/equipment.ts'
import { useApp } from '../state/use-app.ts'
import { clockOrDay } from '../text/format.ts'
import { text } from '../text/text.ts'
import { refusedWords } from './orders-view.tsx'

/** Machines this near to the screen are drawn already, so that nobody scrolls to an old value. */
const SIGHT_MARGIN = '200px'

/** The machines of the area with their values of the moment. Live values come to this window only while this is shown. */
export function EquipmentView() {
  const { area, channels, machines, relay } = useApp()
  const tiles = useMemo(() => new LiveTiles(relay), [relay])
  useEffect(() => tiles.start(), [tiles])
  const all = machines.value
  const shown = useMemo(() => all.slice(0, MAX_SHOWN_MACHINES), [all])
  const rows = useMemo(() => tiles.show(shown), [tiles, shown])
  useEffect(() => tiles.look(), [tiles, rows])
  // The same nodes for the same machines: news of other channels must not go through every tile.
  const list = useMemo(
    () => shown.map((machine, n) => <Machine key={machine.id} machine={machine} tiles={rows[n] ?? []} all={tiles} />),
    [shown, rows, tiles],
  )
  const channel = channels.value.equipment
  const refused = channel?.refused ?? null
  const isLoading = channel === null || (channel.records === null && refused === null && !channel.current)
  return (
    <>
      <ViewHeader
        title={text.equipment.title}
        summary={all.length === 0 ? '' : <Summary machines={all.length} breached={tiles.breached} />}
        freshness={refused === null && !isLoading ? <Freshness channel={channel} /> : null}
      />
      {all.length === 0 && !isLoading ? (
        <Empty more={refused === null ? text.equipment.emptyMore : undefined}>
          {refused === null ? text.equipment.empty(text.areaName(area.value)) : refusedWords(refused)}
        </Empty>
      ) : null}
      {list}
      {all.length > shown.length ? <p class="machine-more">{text.equipment.tooMany(shown.length)}</p> : null}
    </>
  )
}

/** Apart, because it changes with the values. */
function Summary({ machines, breached }: { readonly machines: number; readonly breached: ReadonlySignal<number> }) {
  return <>{text.equipment.summary(machines, breached.value)}</>
}

interface MachineProps {
  readonly machine: MachineRecord
  readonly tiles: readonly LiveTile[]
  readonly all: LiveTiles
}

function Machine({ machine, tiles, all }: MachineProps) {
  const { sheet } = useApp()
  const place = useRef<HTMLElement>(null)
  const heading = `machine-${machine.id}`
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
    <section ref={place} class="machine" aria-labelledby={heading} data-machine={machine.id}>
      <div class="machine-head">
        <h2 id={heading}>{text.equipment.named(machine.id, machine.label)}</h2>
        {machine.simulated ? (
          <span class="machine-simulated" title={text.equipment.simulatedMore}>
            {text.equipment.simulated}
          </span>
        ) : null}
        <LastSample machine={machine} tiles={tiles} />
      </div>
      <ul class="tiles">
        {tiles.map((tile) => (
          <li key={tile.signal.name}>
            <Tile
              tile={tile}
              onOpen={() => (sheet.value = { kind: 'trend', machine: machine.id, signal: tile.signal.name })}
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
