import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { SessionId } from '../../relay/protocol/ids.ts'
import type { Backups, Restores } from '../ports/backups.ts'
import type { Pins } from '../ports/pins.ts'
import type { Store, Submission, SubmitResult } from '../ports/store.ts'
import type { Tokens } from '../ports/tokens.ts'

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
  /** `store.submit`, and the events published to whoever is connected. */
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  /** Sessions that ended here, for the gateway to unbind. */
  readonly sessionEnded: (ids: readonly SessionId[]) => void
  /** Server time, epoch milliseconds. */
  readonly clock: { now(): number }
  readonly backups: Backups
  readonly restores: Restores
  /** What the gateway holds now, for the metrics. */
  readonly counts: () => { readonly connections: number; readonly subscriptions: number; readonly waitingBytes: number }
}
