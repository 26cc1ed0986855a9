import { useEffect, useMemo, useState } from 'preact/hooks'
import { machineOf, machinesOf } from '../../relay/domain/telemetry.ts'
import { type MachineRecord, type MachineSignal, type SignalLimits } from '../../relay/protocol/telemetry.ts'
import { Button } from '../components/button.tsx'
import { Choice } from '../components/choice.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Sign } from '../components/sign.tsx'
import { Trend, type NamedTrend } from '../components/trend.tsx'
import {
  RANGE,
  RANGES,
  readSpan,
  readTrend,
  withDetail,
  type RangeName,
  type Trend as TrendData,
  type TrendReply,
} from '../state/equipment-series.ts'
import { LiveTiles } from '../state/equipment.ts'
import { timeWords } from '../state/moments.ts'
import type { Span } from '../state/trend-view.ts'
import { useApp } from '../state/use-app.ts'
import { exact, withUnit } from '../text/quantity.ts'
import { trendWords } from '../text/trend-words.ts'
import { equipmentWords } from '../text/equipment-words.ts'
import { text } from '../text/text.ts'
import { SignalPicker } from './signal-picker.tsx'

/** Points of a chart: as many as a wide sheet has columns of pixels to tell apart. */
const POINTS = 600

interface SignalName {
  readonly machine: string
  readonly signal: string
}

/** The past of one value, or of two beside each other, as a chart or as a table, for a time that a person chooses. */
export function EquipmentTrendSheet({ machine, signal }: SignalName) {
  const { area, model, session, sheet } = useApp()
  const [range, setRange] = useState<RangeName>('15m')
  const [look, setLook] = useState<'chart' | 'table'>('chart')
  const [besides, setBesides] = useState<SignalName | null>(null)
  const [isPicking, setPicking] = useState(false)
  const own = useMemo(() => ({ machine, signal }), [machine, signal])
  const without = useMemo(() => [own], [own])
  const { reply, again } = useTrend(own, range)
  const beside = useTrend(besides, range)
  const [view, setView] = useState<Span | null>(null)
  const first = useNamed(own, useDetailed(own, reply, view), 'short')
  const second = useNamed(besides, useDetailed(besides, beside.reply, view), 'long')
  const record = machineOf(model.value, area.value, machine)
  const described = record?.signals.find(({ name }) => name === signal)
  const trend = trendWords()
  const failed = [reply, beside.reply].find((one) => one?.ok === false)
  return (
    <Sheet
      title={trend.title(text.equipment.named(machine, record?.label ?? null), first.label)}
      onClose={() => (sheet.value = null)}
    >
      <div class="trend">
        {record?.simulated === true ? (
          <p class="trend-simulated">
            <strong>{text.equipment.simulated}.</strong> {equipmentWords().simulatedMore}
          </p>
        ) : null}
        <div class="trend-top">
          {record === null || described === undefined ? null : <Present machine={record} signal={described} />}
          <div class="trend-second">
            <Button
              kind="secondary"
              onPress={() => {
                setBesides(null)
                setPicking(besides === null && !isPicking)
              }}
            >
              <Sign name={besides === null && !isPicking ? 'plus' : 'close'} />
              {besides !== null ? trend.without(second.label) : isPicking ? text.cancel : trend.second}
            </Button>
          </div>
        </div>
        <div class="trend-choices">
          <Choice
            legend={trend.range}
            value={range}
            onChoose={setRange}
            options={RANGES.map((value) => ({ value, label: trend.ranges[value] }))}
          />
          <Choice
            legend={trend.look}
            value={look}
            onChoose={setLook}
            options={[
              { value: 'chart', label: trend.asChart },
              { value: 'table', label: trend.asTable },
            ]}
          />
        </div>
        {reply === null ? <p role="status">{trend.loading}</p> : null}
        {failed?.ok === false ? (
          <div class="trend-failed" role="alert">
            <p>
              {trend.failed} {text.refusal(failed.code, failed.message)}
            </p>
            <Button kind="secondary" onPress={failed === reply ? again : beside.again}>
              {trend.again}
            </Button>
          </div>
        ) : null}
        {isPicking ? (
          <SignalPicker
            key={session.value?.operator}
            label={trend.findSecond}
            machines={machinesOf(model.value, area.value)}
            without={without}
            onChoose={(choice) => {
              setBesides({ machine: choice.machine.id, signal: choice.signal.name })
              setPicking(false)
            }}
          />
        ) : first.named === null ? null : (
          <Trend
            first={first.named}
            second={second.named}
            look={look}
            rangeWords={trend.ranges[range]}
            onView={setView}
          />
        )}
      </div>
    </Sheet>
  )
}

/** What was read of a value with its name, the same object while both are the same; `long` says its machine, too. */
function useNamed(
  of: SignalName | null,
  trend: TrendData | null,
  length: 'short' | 'long',
): { readonly label: string; readonly named: NamedTrend | null } {
  const { area, model } = useApp()
  const record = of === null ? null : machineOf(model.value, area.value, of.machine)
  const described = record?.signals.find(({ name }) => name === of?.signal)
  const signal = text.equipment.named(of?.signal ?? '', described?.label ?? null)
  const machine = text.equipment.named(of?.machine ?? '', record?.label ?? null)
  const label = length === 'short' ? signal : trendWords().title(machine, signal)
  const limits = described?.limits ?? null
  const named = useMemo(() => (trend === null ? null : { trend, label, limits }), [trend, label, limits])
  return { label, named }
}

/** The value of the moment as a tile with room for it says it, every digit before the point; below it as it was measured. */
function Present({ machine, signal }: { readonly machine: MachineRecord; readonly signal: MachineSignal }) {
  const app = useApp()
  const { relay } = app
  const tiles = useMemo(() => new LiveTiles(relay), [relay])
  useEffect(() => tiles.start(), [tiles])
  const [[tile] = []] = useMemo(() => tiles.show([{ ...machine, signals: [signal] }]), [tiles, machine, signal])
  useEffect(() => tiles.look(), [tiles, tile])
  const reading = tile?.reading.value ?? null
  const value = reading?.value ?? null
  if (reading === null || value === null) return null
  const limits = value.limits ?? signal.limits
  const words = withUnit(value.value, value.unit, limits)
  const all = exact(value.value, value.unit)
  const { now, before, exactly } = trendWords()
  return (
    <div class="trend-present">
      <p data-testid="present">
        {reading.freshness === 'current' ? now(words) : before(timeWords(app, value.at), words)}
      </p>
      {all === words ? null : (
        <p class="trend-exact" data-testid="exact">
          {exactly(all)}
        </p>
      )}
      <p>{limitInFull(limits, value.unit)}</p>
    </div>
  )
}

function limitInFull(limits: SignalLimits | null, unit: string): string {
  const { limit, limitIs } = text.equipment
  const { low, high } = limits ?? { low: null, high: null }
  if (low !== null && high !== null) return limitIs(limit.between(exact(low, ''), exact(high, unit)))
  if (high !== null) return limitIs(limit.atMost(exact(high, unit)))
  return low === null ? '' : limitIs(limit.atLeast(exact(low, unit)))
}

/** Reads the range when it is chosen, and again in its pace. A failed repeat leaves what is shown, until a new choice. */
function useTrend(
  of: SignalName | null,
  range: RangeName,
): { readonly reply: TrendReply | null; readonly again: () => void } {
  const { area, relay, serverNow } = useApp()
  const [reply, setReply] = useState<TrendReply | null>(null)
  const [attempt, setAttempt] = useState(0)
  const place = area.value
  useEffect(() => {
    setReply(null)
    if (of === null) return undefined
    const { machine, signal } = of
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = async (isFirst: boolean): Promise<void> => {
      const now = serverNow.peek()
      const next = await readTrend(relay, { area: place, machine, signal, range, now, points: POINTS })
      if (isOver) return
      if (next.ok || isFirst) setReply(next)
      timer = setTimeout(() => void read(false), RANGE[range].refreshMs)
    }
    void read(true)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [attempt, of, place, range, relay, serverNow])
  return { reply, again: () => setAttempt(attempt + 1) }
}

/** How long a view must stand still before it is read more closely, milliseconds: fingers move on. */
const STILL_MS = 300
/** What is read of it on either side as well, as part of its width: whoever moves on sees a line. */
const BESIDE = 0.5

/** What was read, with the part that is looked at as closely as the screen can tell. What cannot be read leaves what there is. */
function useDetailed(of: SignalName | null, reply: TrendReply | null, view: Span | null): TrendData | null {
  const { area, relay } = useApp()
  const [detail, setDetail] = useState<TrendData | null>(null)
  const place = area.value
  const trend = reply?.ok === true ? reply.trend : null
  const range = trend === null ? null : trend.to - trend.from
  useEffect(() => setDetail(null), [of, place, range])
  useEffect(() => {
    if (of === null || view === null) return undefined
    const { machine, signal } = of
    let isOver = false
    const beside = (view.to - view.from) * BESIDE
    const read = async (): Promise<void> => {
      const span = { from: Math.floor((view.from - beside) * 1_000), to: Math.ceil((view.to + beside) * 1_000) }
      const next = await readSpan(relay, { area: place, machine, signal, ...span, points: 2 * POINTS })
      if (!isOver && next.ok) setDetail(next.trend)
    }
    const timer = setTimeout(() => void read(), STILL_MS)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [of, place, relay, view])
  return useMemo(() => (trend === null ? null : withDetail(trend, detail)), [trend, detail])
}
