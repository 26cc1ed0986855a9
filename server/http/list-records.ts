import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import type { ApiKeyRow } from '../ports/site.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import type { StoreReader } from '../ports/store-reader.ts'
import { HTTP_LIMITS } from './limits.ts'

const PAGE = { maxItems: LIMITS.maxPageItems, maxBytes: LIMITS.maxPageBytes } as const

/** The areas a list is about: the one that was asked for, or all this key may see. `unknown-area` or `forbidden`. */
export async function areasOf(
  store: Pick<StoreAdministration, 'areas'>,
  key: ApiKeyRow,
  asked: string | undefined,
): Promise<Checked<readonly string[]>> {
  const areas = await store.areas()
  if (asked === undefined) return { ok: true, value: areas.filter((area) => coversArea(key.areas, area)) }
  if (!areas.includes(asked)) return refuse('unknown-area', `There is no area "${asked}".`)
  if (!coversArea(key.areas, asked)) return refuse('forbidden', `This API key may not see ${asked}.`)
  return { ok: true, value: [asked] }
}

/** Every record of these channels that `keep` keeps, at most `maxListed`; `truncated` says that there are more. */
export async function listRecords<T>(
  store: Pick<StoreReader, 'records'>,
  channels: readonly ChannelName[],
  keep: (record: T) => boolean,
): Promise<{ readonly records: T[]; readonly truncated: boolean }> {
  const records: T[] = []
  for (const channel of channels) {
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<StoreReader['records']>> = await store.records(channel, after, PAGE)
      for (const { record } of page.records) {
        // A channel holds the records of its one domain.
        if (!keep(record as T)) continue
        if (records.length === HTTP_LIMITS.maxListed) return { records, truncated: true }
        records.push(record as T)
      }
      after = page.next
    } while (after !== null)
  }
  return { records, truncated: false }
}
