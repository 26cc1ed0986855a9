import { joinConfirmed } from '../../server/adapters/postgres/lineage.ts'
import type { PostgresStoreOptions } from '../../server/adapters/postgres/postgres-store.ts'
import { PIN_LAW } from '../../server/core/pin-limiter.ts'
import { KEPT_MS, MAX_PRUNED, RETENTION } from '../../server/core/retention.ts'
import { createRules } from '../../server/core/rules.ts'
import { domains } from '../../server/domains.ts'

/** What a store on this database is opened with, where nothing of it is about the test. Nothing is kept outside the database. */
export function postgresOptions(
  url: string,
  failed: PostgresStoreOptions['failed'] = () => undefined,
): PostgresStoreOptions {
  return {
    url,
    floor: null,
    rules: createRules(domains),
    pins: PIN_LAW,
    retention: { channels: RETENTION, maxPruned: MAX_PRUNED, kept: KEPT_MS },
    confirmed: () => joinConfirmed([]),
    renewed: () => undefined,
    failed,
  }
}
