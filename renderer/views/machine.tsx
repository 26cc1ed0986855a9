import { useComputed } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import { Tile } from '../components/tile.tsx'
import { timeWords } from '../state/moments.ts'
import { useApp } from '../state/use-app.ts'
import type { LiveTile, LiveTiles } from '../state/equipment.ts'
import { useMovedRows } from '../state/use-moved.ts'
import { equipmentWords } from '../text/equipment-words.ts'
import { text } from '../text/text.ts'

/** Machines this near to the screen are drawn already, so that nobody scrolls to an old value. */
const SIGHT_MARGIN = '200px'
/** And this near they have their tiles: a screen above and below. */
const DRAWN_MARGIN = '100%'

/** A machine with the tiles it was last shown with, which stay with it when it goes. */
export interface ShownMachine {
  readonly id: string
  readonly machine: MachineRecord
  readonly tiles: readonly LiveTile[]
}

interface MachineProps {
  readonly shown: ShownMachine
  readonly all: LiveTiles
  /** `near`: its tiles are drawn once it is near the screen, and have their room until then. */
  readonly drawn: 'all' | 'near'
  /** `gone`: it is no machine of the area any more, and stands there only until the hand is away. */
  readonly standing?: 'here' | 'gone'
}

/** One machine with its values. */
export function Machine({ shown: { machine, tiles }, all, drawn, standing = 'here' }: MachineProps) {
  const { sheet } = useApp()
  const place = useRef<HTMLElement>(null)
  const list = useRef<HTMLUListElement>(null)
  // In the order of their names: a new one stands where another stood.
  useMovedRows(list, tiles.map(({ signal }) => signal.name).join())
  const heading = `machine-${machine.id}`
  const isGone = standing === 'gone'
  const isDrawn = useNear(place, drawn)
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
      class={`machine machine-${drawn} ${isGone ? 'row-gone' : ''}`}
      aria-labelledby={heading}
      data-machine={machine.id}
    >
      <div class="machine-head">
        <h2 id={heading}>{text.equipment.named(machine.id, machine.label)}</h2>
        {machine.simulated ? (
          <span class="machine-simulated" title={equipmentWords().simulatedMore}>
            {text.equipment.simulated}
          </span>
        ) : null}
        {isGone ? <em>{text.rows.gone}</em> : <LastSample machine={machine} tiles={tiles} />}
        {machine.signals.length < LIMITS.maxSignalsPerMachine ? null : (
          <span class="machine-last">{equipmentWords().full(LIMITS.maxSignalsPerMachine)}</span>
        )}
      </div>
      <ul ref={list} class="tiles">
        {tiles.map((tile) =>
          isDrawn ? (
            <li key={tile.signal.name}>
              <Tile
                tile={tile}
                onOpen={
                  isGone ? null : () => (sheet.value = { kind: 'trend', machine: machine.id, signal: tile.signal.name })
                }
              />
            </li>
          ) : (
            <li key={tile.signal.name} class="tile-room" role="presentation" aria-hidden="true" />
          ),
        )}
      </ul>
    </section>
  )
}

/** Whether something has been near the screen; what is drawn stays drawn. */
function useNear(place: RefObject<HTMLElement | null>, drawn: MachineProps['drawn']): boolean {
  const [wasNear, setNear] = useState(false)
  useLayoutEffect(() => {
    const element = place.current
    if (element === null || drawn === 'all' || wasNear) return undefined
    const observer = new IntersectionObserver((entries) => setNear(entries.some((one) => one.isIntersecting)), {
      root: element.closest('main'),
      rootMargin: DRAWN_MARGIN,
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [place, drawn, wasNear])
  return drawn === 'all' || wasNear
}

/** When the machine was last heard of, while this window has heard nothing of it. */
function LastSample({ machine, tiles }: { readonly machine: MachineRecord; readonly tiles: readonly LiveTile[] }) {
  const app = useApp()
  const isUnheard = useComputed(() => tiles.every(({ reading }) => reading.value.freshness === 'unknown'))
  if (!isUnheard.value || machine.lastSampleAt === null) return null
  return <span class="machine-last">{equipmentWords().lastAt(timeWords(app, machine.lastSampleAt))}</span>
}
