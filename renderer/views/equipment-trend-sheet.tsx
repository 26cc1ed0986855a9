import { useEffect, useMemo, useState } from 'preact/hooks'
import { machineOf } from '../../relay/domain/telemetry.ts'
import {
  telemetryChannel,
  type MachineRecord,
  type MachineSignal,
  type SignalLimits,
} from '../../relay/protocol/telemetry.ts'
import { Button } from '../components/button.tsx'
import { Choice } from '../components/choice.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Trend } from '../components/trend.tsx'
import { RANGE, RANGES, readTrend, serverNow, type RangeName, type TrendReply } from '../state/equipment-series.ts'
import { LiveTiles } from '../state/equipment.ts'
import { useApp } from '../state/use-app.ts'
import { clockOrDay } from '../text/format.ts'
import { exact } from '../text/quantity.ts'
import { text } from '../text/text.ts'

/** Points of a chart: as many as a wide sheet has columns of pixels to tell apart. */
const POINTS = 600

/** The past of one value, as a chart or as a table, for a time that a person chooses. */
export function EquipmentTrendSheet({ machine, signal }: { readonly machine: string; readonly signal: string }) {
  const { area, model, sheet } = useApp()
  const [range, setRange] = useState<RangeName>('15m')
  const [look, setLook] = useState<'chart' | 'table'>('chart')
  const { reply, again } = useTrend({ machine, signal, range })
  const record = machineOf(model.value, area.value, machine)
  const described = record?.signals.find(({ name }) => name === signal)
  const label = text.equipment.named(signal, described?.label ?? null)
  const { trend } = text.equipment
  return (
    <Sheet
      title={trend.title(text.equipment.named(machine, record?.label ?? null), label)}
      onClose={() => (sheet.value = null)}
    >
      <div class="trend">
        {record?.simulated === true ? (
          <p class="trend-simulated">
            <strong>{text.equipment.simulated}.</strong> {text.equipment.simulatedMore}
          </p>
        ) : null}
        {record === null || described === undefined ? null : <Present machine={record} signal={described} />}
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
        {reply?.ok === false ? (
          <div class="trend-failed" role="alert">
            <p>
              {trend.failed} {text.refusal(reply.code, reply.message)}
            </p>
            <Button kind="secondary" onPress={again}>
              {trend.again}
            </Button>
          </div>
        ) : null}
        {reply?.ok === true ? (
          <Trend
            trend={reply.trend}
            look={look}
            label={label}
            rangeWords={trend.ranges[range]}
            limits={described?.limits ?? null}
          />
        ) : null}
      </div>
    </Sheet>
  )
}

/** The value of the moment with every digit it has: a tile may have had no room for them. */
function Present({ machine, signal }: { readonly machine: MachineRecord; readonly signal: MachineSignal }) {
  const { relay } = useApp()
  const tiles = useMemo(() => new LiveTiles(relay), [relay])
  useEffect(() => tiles.start(), [tiles])
  const [[tile] = []] = useMemo(() => tiles.show([{ ...machine, signals: [signal] }]), [tiles, machine, signal])
  useEffect(() => tiles.look(), [tiles, tile])
  const reading = tile?.reading.value ?? null
  const value = reading?.value ?? null
  if (reading === null || value === null) return null
  const words = exact(value.value, value.unit)
  const { now, before } = text.equipment.trend
  return (
    <div class="trend-present">
      <p data-testid="present">
        {reading.freshness === 'current' ? now(words) : before(clockOrDay(new Date(value.at), new Date()), words)}
      </p>
      <p>{limitInFull(value.limits ?? signal.limits, value.unit)}</p>
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
function useTrend({
  machine,
  signal,
  range,
}: {
  readonly machine: string
  readonly signal: string
  readonly range: RangeName
}): { readonly reply: TrendReply | null; readonly again: () => void } {
  const { area, relay } = useApp()
  const [reply, setReply] = useState<TrendReply | null>(null)
  const [attempt, setAttempt] = useState(0)
  const place = area.value
  useEffect(() => {
    let isOver = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = async (isFirst: boolean): Promise<void> => {
      const entry = relay.live.get(telemetryChannel(place, machine))?.get(signal)
      const newest = entry === undefined ? null : { at: entry.at, ageMs: relay.now() - entry.confirmedAt }
      const now = serverNow(newest, Date.now())
      const next = await readTrend(relay, { area: place, machine, signal, range, now, points: POINTS })
      if (isOver) return
      if (next.ok || isFirst) setReply(next)
      timer = setTimeout(() => void read(false), RANGE[range].refreshMs)
    }
    setReply(null)
    void read(true)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [attempt, machine, place, range, relay, signal])
  return { reply, again: () => setAttempt(attempt + 1) }
}
