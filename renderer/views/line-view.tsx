import { useComputed } from '@preact/signals'
import { useMemo, useRef } from 'preact/hooks'
import { lineState } from '../../relay/domain/line-state.ts'
import { lineValues } from '../../relay/domain/line-values.ts'
import { laidCommands } from '../../relay/domain/window-model.ts'
import { useScroller } from '../components/use-scroller.ts'
import { MAX_CHOSEN } from '../state/chosen-values.ts'
import { useApp } from '../state/use-app.ts'
import { useSteadyParts } from '../state/use-moved.ts'
import { text } from '../text/text.ts'
import { LineHead } from './line-head.tsx'
import { LinePeople } from './line-people.tsx'
import { LineValues } from './line-values.tsx'
import { LineWork } from './line-work.tsx'
import { LineWrong } from './line-wrong.tsx'

/**
 * What a terminal rests on: whether the line is all right, read from some metres; below it what is wrong, what runs and what
 * the machines measure.
 */
export function LineView() {
  const app = useApp()
  const { area, board, channels, chosenValues, isLive, machines, model } = app
  const { urgent, alerts, orders } = channels.value
  const { rows } = board.value
  const name = area.value
  const own = useMemo(() => rows.filter((row) => row.area === name), [rows, name])
  const pending = useComputed(() => laidCommands(model.value)).value
  const line = useMemo(
    () => lineState({ area: name, rows: own, urgent, alerts, orders, pending, isLive: isLive.value }),
    [name, own, urgent, alerts, orders, pending, isLive.value],
  )
  const parts = useRef<HTMLDivElement>(null)
  useSteadyParts(useScroller(parts), { parts: sectionsIn })
  const all = machines.value
  const chosen = chosenValues.value.get(name)
  const values = useMemo(() => lineValues(all, MAX_CHOSEN, chosen), [all, chosen])
  return (
    <div class="line">
      <LineHead line={line} />
      <div ref={parts} class="line-parts">
        <section class="line-wrong" aria-labelledby="line-wrong">
          <h2 id="line-wrong">{text.boards.line.wrong}</h2>
          <LineWrong line={line} rows={own} elsewhere={rows.length - own.length} values={values} />
        </section>
        <LineWork line={line} />
        <LinePeople />
        <LineValues chosen={values} />
      </div>
    </div>
  )
}

/** They move when what is wrong takes more of the room, or less. */
function sectionsIn(scroller: HTMLElement): Iterable<Element> {
  return scroller.querySelectorAll('.line-parts section')
}
