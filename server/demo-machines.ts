import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import type { CommandId } from '../relay/protocol/ids.ts'
import { machineKey } from '../relay/protocol/machine-names.ts'
import type { MachineDescription, MachineSignal, TelemetrySample } from '../relay/protocol/telemetry.ts'
import { HostMeter } from './adapters/host-measure.ts'
import { PRESS_SIGNALS, pressAt } from './core/simulated-press.ts'
import { SERVER, type TelemetryIntake } from './http/telemetry-intake.ts'
import type { Submission, SubmitResult } from './ports/submission.ts'

const AREA = 'line-3'
const EVERY_MS = 1_000

const HOST_SIGNALS: readonly MachineSignal[] = [
  { name: 'cpu', unit: '%', label: 'Processor', limits: { low: null, high: 90 } },
  { name: 'memory', unit: '%', label: 'Memory', limits: { low: null, high: 90 } },
  { name: 'disk', unit: '%', label: 'Disk', limits: { low: null, high: 90 } },
  { name: 'loop-delay', unit: 'ms', label: 'Event loop delay', limits: { low: null, high: 100 } },
]

/** Machines of the demonstration floor: this one, measured, and two presses that say they are simulated. */
const MACHINES: readonly MachineDescription[] = [
  { area: AREA, machine: 'host-1', label: 'This server', simulated: false, signals: [...HOST_SIGNALS] },
  { area: AREA, machine: 'press-1', label: 'Press 1', simulated: true, signals: [...PRESS_SIGNALS] },
  { area: AREA, machine: 'press-2', label: 'Press 2', simulated: true, signals: [...PRESS_SIGNALS] },
]

/** What the server alone may report of on the demonstration floor: "measured" must mean measured by it. */
export const DEMO_MACHINES: readonly string[] = MACHINES.map(({ area, machine }) => machineKey(area, machine))

export interface DemoMachinesOptions {
  readonly intake: TelemetryIntake
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  /** The data folder, whose disk `host-1` tells of. */
  readonly folder: string
  readonly log: Logger
}

/** Describes the machines, then reports of them once a second by the same way as every program, in its own name. Resolves with the stop. */
export async function startDemoMachines({ intake, submit, folder, log }: DemoMachinesOptions): Promise<() => void> {
  for (const description of MACHINES) {
    const { verdict } = await submit({
      source: { kind: 'system', timer: null },
      id: uuidv7() as CommandId,
      type: 'machine.describe',
      data: description,
    })
    if (verdict.kind !== 'done' || verdict.outcome.outcome !== 'applied')
      log.warn({ event: 'demo-machine-refused', machine: description.machine, verdict })
  }
  const meter = new HostMeter(folder)
  meter.start()
  const report = async (): Promise<void> => {
    const { refused } = await intake.take([...(await hostSamples(meter)), ...pressSamples(Date.now() / 1000)], SERVER)
    for (const { code, message } of refused.slice(0, 1)) log.warn({ event: 'demo-sample-refused', code, message })
  }
  const timer = setInterval(() => {
    report().catch((cause: unknown) => log.warn({ event: 'demo-report-failed', cause }))
  }, EVERY_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    meter.stop()
  }
}

async function hostSamples(meter: HostMeter): Promise<readonly TelemetrySample[]> {
  const { cpu, memory, disk, loopDelayMs } = await meter.measure()
  const values = { cpu, memory, disk, 'loop-delay': loopDelayMs }
  return samplesOf('host-1', HOST_SIGNALS, values)
}

function pressSamples(seconds: number): readonly TelemetrySample[] {
  return ['press-1', 'press-2'].flatMap((machine, index) =>
    samplesOf(machine, PRESS_SIGNALS, pressAt(seconds, index * 0.4)),
  )
}

function samplesOf(
  machine: string,
  signals: readonly MachineSignal[],
  values: Readonly<Record<string, number>>,
): readonly TelemetrySample[] {
  return signals.flatMap(({ name, unit }) => {
    const value = values[name]
    return value === undefined ? [] : [{ area: AREA, machine, signal: name, unit, value }]
  })
}
