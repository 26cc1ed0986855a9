import type { LastHeardStore } from './last-heard.ts'
import type { StoreAdministration } from './store-administration.ts'
import type { StoreReader } from './store-reader.ts'
import type { StoreWriter } from './store-writer.ts'

/**
 * The store: channels, records, marks, results, people, devices — and the one transaction that changes the truth. Whoever
 * needs only a part of it takes that part. `store.contract.ts` is the suite that every adapter runs.
 */
export interface Store extends StoreReader, StoreWriter, StoreAdministration, LastHeardStore {
  /** Finishes what was called before; what is called afterwards is refused. */
  close(): Promise<void>
}
