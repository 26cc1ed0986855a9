import { signal, type ReadonlySignal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext, useLayoutEffect, useRef } from 'preact/hooks'
import type { TileMeasure } from '../state/tile-fit.ts'
import { measureIn } from '../state/tile-measure.ts'
import { Sign } from './sign.tsx'

/** Before anything is measured, and where nothing is drawn: everything fits. */
export const UNMEASURED: TileMeasure = { room: 0, number: () => 0, unit: () => 0, limit: () => 0 }

const MeasureContext = createContext<ReadonlySignal<TileMeasure>>(signal(UNMEASURED))

/** Gives the tiles inside of it what fits into one of them. */
export const TileMeasureProvider = MeasureContext.Provider

export function useTileMeasure(): ReadonlySignal<TileMeasure> {
  return useContext(MeasureContext)
}

/** An empty tile among the others' columns, which nobody sees: tells anew when tiles get another width or other letters. */
export function TileProbe({ told }: { readonly told: (measure: TileMeasure) => void }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const probe = place.current
    if (probe === null) return undefined
    const measure = (): void => told(measureIn(probe))
    const observer = new ResizeObserver(measure)
    observer.observe(probe)
    // Letters of a font that came later are not as wide as those before.
    document.fonts.addEventListener('loadingdone', measure)
    measure()
    return () => {
      observer.disconnect()
      document.fonts.removeEventListener('loadingdone', measure)
    }
  }, [told])
  return (
    <div ref={place} class="machine tile-probe" aria-hidden="true">
      <div class="tiles">
        <div class="tile">
          <span class="tile-value">
            <span class="tile-number" />
            <span class="tile-unit" />
          </span>
          <span class="tile-limit">
            <span />
          </span>
          <span class="tile-limit tile-breach">
            <Sign name="above" />
            <span />
          </span>
        </div>
      </div>
    </div>
  )
}
