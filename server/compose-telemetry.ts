import type { Logger } from 'pino'
import { channelName } from '../relay/protocol/channels.ts'
import { LIMITS } from '../relay/protocol/limits.ts'
import type { MachineRecord } from '../relay/protocol/telemetry.ts'
import { openSqliteSeries } from './adapters/sqlite/series-store.ts'
import { LiveHub } from './core/live.ts'
import { Machines } from './core/machines.ts'
import { LivePace } from './gateway/live-pace.ts'
import { frameBytes, joinBytes, type SharedBytes } from './gateway/shared-bytes.ts'
import type { SeriesStore } from './ports/series.ts'
import type { StoreAdministration } from './ports/store-administration.ts'
import type { StoreReader } from './ports/store-reader.ts'

/** What is live, what is known of machines, and their past. */
export interface TelemetryParts {
  readonly live: LiveHub<SharedBytes>
  readonly pace: LivePace
  readonly machines: Machines
  readonly series: SeriesStore
}

/** Where it is written what machines there are. */
type KnownMachines = Pick<StoreReader, 'records'> & Pick<StoreAdministration, 'areas'>

/** @throws {StoreOpenError} when the history cannot be opened and cannot be set aside */
export async function openTelemetry(store: KnownMachines, folder: string, log: Logger): Promise<TelemetryParts> {
  const live: LiveHub<SharedBytes> = new LiveHub<SharedBytes>({
    encode: frameBytes,
    join: joinBytes,
    schedule: (hz) => pace.schedule(hz),
  })
  const pace = new LivePace(live, () => performance.now())
  const machines = new Machines(await storedMachines(store))
  const series = await openSqliteSeries({
    folder,
    worker: new URL('./series-worker.ts', import.meta.url),
    failed: (what, cause) => log.error({ event: 'history-failed', what, cause }),
  })
  return { live, pace, machines, series }
}

async function storedMachines(store: KnownMachines): Promise<readonly MachineRecord[]> {
  const page = { maxItems: LIMITS.maxPageItems, maxBytes: LIMITS.maxPageBytes }
  const machines: MachineRecord[] = []
  for (const area of await store.areas()) {
    let after: string | null = null
    do {
      const { records, next }: Awaited<ReturnType<StoreReader['records']>> = await store.records(
        channelName('equipment', area),
        after,
        page,
      )
      // Only the telemetry domain writes these records.
      for (const { record } of records) machines.push(record as MachineRecord)
      after = next
    } while (after !== null)
  }
  return machines
}
