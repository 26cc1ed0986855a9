import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { SessionId } from '../../relay/protocol/ids.ts'
import type { LiveCounts } from '../core/live.ts'
import type { Machines } from '../core/machines.ts'
import type { Backups, Restores } from '../ports/backups.ts'
import type { Pins } from '../ports/pins.ts'
import type { SeriesStore } from '../ports/series.ts'
import type { Store, Submission, SubmitResult } from '../ports/store.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { TelemetryIntake } from './telemetry-intake.ts'

/** The settings the HTTP half lives by; the server's `Config` is one of these. */
export interface HttpSettings {
  readonly demo: boolean
  readonly demoOpen: boolean
  /** Paths of PEM files. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly origins: readonly string[]
  readonly sessionMs: number
}

/** Everything the HTTP half needs; whoever composes the server owns all of it, and closes it after the app. */
export interface HttpOptions {
  readonly store: Store
  readonly tokens: Tokens
  readonly pins: Pins
  readonly config: HttpSettings
  readonly log: Logger
  readonly metrics: Registry
  readonly version: string
  /** Folder of the built web UI; null, or a folder without `index.html`, serves a page that says how to build it. */
  readonly staticRoot: string | null
  /** Folder for the assets of earlier builds (`page-generations.ts`); null keeps none. */
  readonly keptPages: string | null
  /** `store.submit`, and the events published to whoever is connected. */
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  /** Sessions that ended here, for the gateway to unbind. */
  readonly sessionEnded: (ids: readonly SessionId[]) => void
  /** Server time, epoch milliseconds. */
  readonly clock: { now(): number }
  readonly telemetry: TelemetryIntake
  readonly machines: Machines
  readonly series: SeriesStore
  readonly backups: Backups
  readonly restores: Restores
  /** What the gateway holds now, for the metrics. */
  readonly counts: () => {
    readonly connections: number
    readonly subscriptions: number
    readonly waitingBytes: number
    readonly receiptsDropped: number
  }
  readonly liveCounts: () => LiveCounts
}
