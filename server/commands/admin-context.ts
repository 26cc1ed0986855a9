import type { Store } from '../ports/store.ts'
import type { Exit } from './exit.ts'
import type { Streams } from './streams.ts'

/** What every `andon admin …` needs of the program. */
export interface AdminContext {
  readonly streams: Streams
  readonly exit: Exit
  /** Opens the store of the data folder for one piece of work; ends the command with a sentence when it is in use. */
  readonly withStore: (flags: Readonly<Record<string, unknown>>, work: (store: Store) => Promise<void>) => Promise<void>
  readonly readStdin: () => Promise<string>
  readonly keyFromEnvironment: string | undefined
}
