import type { JSX } from 'preact'
import type { LineState, Standing } from '../../relay/domain/line-state.ts'
import { PriorityMark } from './priority-mark.tsx'

interface StandingSignProps {
  readonly line: Pick<LineState, 'standing' | 'known' | 'needing'>
}

/**
 * How a line stands, as a shape: that of the priority for an alert, in neutral ink for everything else (ISA-101). The word
 * beside it says the same.
 */
export function StandingSign({ line: { standing, known, needing } }: StandingSignProps) {
  const shown = standing.kind === 'unknown' ? standing : known
  if (shown.kind === 'alert')
    return <PriorityMark priority={shown.priority} look={needing === 0 ? 'steady' : 'flashing'} />
  return (
    <svg class="standing-sign" viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      {SHAPES[shown.kind]}
    </svg>
  )
}

const SHAPES: Record<Exclude<Standing['kind'], 'alert'>, JSX.Element> = {
  runs: <path d="M12 6 42 24 12 42z" class="standing-fill" />,
  /** Two bars, as on any machine. */
  waits: <path d="M10 7h10v34H10zM28 7h10v34H28z" class="standing-line" />,
  stopped: <path d="M7 7h34v34H7z" class="standing-line" />,
  noticed: <circle cx="24" cy="24" r="17" class="standing-line" />,
  quiet: <circle cx="24" cy="24" r="17" class="standing-line" />,
  unknown: (
    <>
      <path d="M5 5h38v38H5z" class="standing-line" />
      <path d="M5 18 18 5M5 31 31 5M5 43 43 5M18 43 43 18M31 43 43 31" class="standing-line" />
    </>
  ),
}
