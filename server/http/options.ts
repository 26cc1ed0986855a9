import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { SessionId } from '../../relay/protocol/ids.ts'
import type { Way } from '../../relay/protocol/ways.ts'
import type { LastGreetings } from '../core/device-links.ts'
import type { LiveCounts } from '../core/live.ts'
import type { Machines } from '../core/machines.ts'
import type { AttachmentFiles, AttachmentHolder } from '../ports/attachments.ts'
import type { Backups, Restores } from '../ports/backups.ts'
import type { PinBudget } from '../ports/pin-budget.ts'
import type { Pins } from '../ports/pins.ts'
import type { SearchFinder } from '../ports/search.ts'
import type { SeriesStore } from '../ports/series.ts'
import type { SessionEnd } from '../ports/sessions.ts'
import type { Store } from '../ports/store.ts'
import type { Submission, SubmitResult } from '../ports/submission.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { Certificate } from './certificate.ts'
import type { Entrance } from './entrance.ts'
import type { HttpSettings } from './http-settings.ts'
import type { HttpPatience } from './limits.ts'
import type { TelemetryIntake } from './telemetry-intake.ts'
import type { WayRequests } from './way-routes.ts'

/** Everything the HTTP half needs; whoever composes the server owns all of it, and closes it after the app. */
export interface HttpOptions {
  readonly store: Store
  readonly tokens: Tokens
  /** Which device token is a device's last. */
  readonly links: LastGreetings
  readonly pins: Pins
  /** Of all nodes; absent, it is this server's own. */
  readonly pinBudget?: PinBudget
  readonly config: HttpSettings
  readonly entrance: Entrance
  /** Null serves plain HTTP. */
  readonly certificate: Certificate | null
  readonly log: Logger
  readonly metrics: Registry
  readonly version: string
  /** Folder of the built web UI; null, or a folder without `index.html`, serves a page that says how to build it. */
  readonly staticRoot: string | null
  /** Folder for the assets of earlier builds (`page-generations.ts`); null keeps none. */
  readonly keptPages: string | null
  /** `store.submit`, and the events published to whoever is connected. */
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  /** Sessions that ended here, and how, for the gateway to unbind and to say so. */
  readonly sessionEnded: (ids: readonly SessionId[], end: SessionEnd) => void
  /** Server time, epoch milliseconds. */
  readonly clock: { now(): number }
  readonly telemetry: TelemetryIntake
  readonly machines: Machines
  readonly series: SeriesStore
  readonly search: SearchFinder
  readonly attachments: AttachmentHolder
  readonly backups: Backups
  readonly contents: Pick<AttachmentFiles, 'hold' | 'contents'>
  readonly restores: Restores
  /** What the gateway holds now, for the metrics. */
  readonly counts: () => {
    readonly connections: number
    readonly links: Readonly<Record<Way, number>>
    readonly subscriptions: number
    readonly waitingBytes: number
    readonly receiptsDropped: number
    readonly silent: number
    readonly greeting: number
    readonly turnedAway: number
    readonly gaveWay: number
    readonly heldBytes: number
    readonly heldTooMuch: number
    readonly upgradesRefused: number
    readonly linksRefused: number
    readonly leftPlain: number
    readonly sockets: number
    readonly socketsRefused: number
    readonly socketsCut: number
  }
  readonly liveCounts: () => LiveCounts
  /** Who answers the requests of `/sync`; null where nobody does. */
  readonly ways: WayRequests | null
  /** With slow clients; `HTTP_PATIENCE` unless a test has less. */
  readonly patience?: HttpPatience
}
