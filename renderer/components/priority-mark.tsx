import { asksOf, type ShownAlertState } from '../../relay/domain/alerts.ts'
import type { Priority } from '../../relay/protocol/records.ts'
import { text } from '../text/text.ts'

/**
 * Colour, shape and letters, always together (ISA-18.2: never by colour alone): octagon, triangle, diamond, circle. How it stands is
 * in the fill: filled and flashing while nobody has it, steady once somebody has, outline when it cleared by itself.
 */
export function PriorityMark({ priority, look }: { readonly priority: Priority; readonly look: Look }) {
  return (
    <svg
      class={`mark mark-${priority} mark-${look}`}
      viewBox="0 0 48 48"
      role="img"
      aria-label={text.alerts.markLabel(priority, text.alerts.priority[priority])}
    >
      <path class="mark-rim" d={SHAPES[priority].path} />
      <path class="mark-shape" d={SHAPES[priority].path} />
      <text class="mark-text" x="24" y={SHAPES[priority].baseline} aria-hidden="true">
        {priority}
      </text>
    </svg>
  )
}

/** `flashing` becomes a thick steady border where a person asks for less motion. */
export type Look = 'flashing' | 'steady' | 'outline'

export function lookOf(state: ShownAlertState, isTaken: boolean): Look {
  if (asksOf(state) === 'look') return 'outline'
  return isTaken ? 'steady' : 'flashing'
}

/** Drawn to equal visual weight inside 48 × 48; the baseline sits the letters in the optical middle of each shape. */
const SHAPES: Record<Priority, { readonly path: string; readonly baseline: number }> = {
  P0: { path: 'M15.3 3h17.4L45 15.3v17.4L32.7 45H15.3L3 32.7V15.3z', baseline: 31 },
  P1: { path: 'M24 3.5 46 44H2z', baseline: 38.5 },
  P2: { path: 'M24 1.5 46.5 24 24 46.5 1.5 24z', baseline: 30 },
  P3: { path: 'M24 3a21 21 0 1 1 0 42 21 21 0 0 1 0-42z', baseline: 31 },
}
