import type Database from 'better-sqlite3'
import type { CommandRules } from '../../ports/rules.ts'
import type { ChannelTable } from './channel-table.ts'
import type { LinkNumbers } from './link-numbers.ts'
import type { People } from './people.ts'
import type { Savepoints } from './savepoints.ts'
import type { Timers } from './timers.ts'

/** What the command tables need from the worker that owns the database. */
export interface CommandContext {
  readonly db: Database.Database
  readonly rules: CommandRules
  readonly channels: ChannelTable
  readonly people: People
  readonly timers: Timers
  readonly links: LinkNumbers
  readonly savepoints: Savepoints
  /** Server time, ISO 8601 UTC. */
  readonly now: () => string
  /** Told the cause of a `handler-failed`; the person gets the code. */
  readonly failed: (type: string, cause: unknown) => void
}
