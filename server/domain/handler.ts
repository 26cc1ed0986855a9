import type { CommandData, CommandType } from '../../relay/protocol/commands.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { Decision, Now, RecordKey, Records } from '../ports/rules.ts'

/**
 * How a domain carries out one command type: two pure functions, run inside the store's transaction. `decide` gets exactly
 * the records that `reads` named; `id` is that of the command, and of the record it creates (W9), `operator` its author. Neither may throw for anything a person could have typed.
 */
export interface Handler<T extends CommandType> {
  reads(data: CommandData<T>, id: CommandId, operator: string | null): readonly RecordKey[]
  /** People whose rows `decide` is to have; absent: nobody's. */
  asksOf?(data: CommandData<T>): readonly string[]
  decide(records: Records, data: CommandData<T>, now: Now): Decision
}

/** The handlers of some command types; a server is composed of several such tables. */
export type Handlers = { readonly [T in CommandType]?: Handler<T> }
