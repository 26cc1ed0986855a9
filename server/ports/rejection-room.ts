/** A list of rejected commands: who answers for least first (`rankOf`), of one holder the oldest first. */
export interface RejectionList<R> {
  readonly bytes: number
  /** The record after `last`; absent at the end. */
  readonly next: (last: R | null) => R | undefined
}

/** What the envelope of a record takes beside the data of its command, about. */
const ENVELOPE_BYTES = 1_024

/** Strangers make room first, then devices, then people: the first character of a holder (`records.holder`). */
export function rankOf(holder: string): number {
  return Number(holder[0])
}

export interface Newcomer {
  readonly holder: string
  readonly data: unknown
  /** Of all lists together. */
  readonly maxBytes: number
}

/**
 * The records that make room for one more until all lists together are within their bytes (PROTOCOL D6): of the lowest rank
 * there is anywhere, from the list that holds most. Never one of a higher rank than the newcomer's: then it has no room itself.
 */
export function roomFor<R extends { readonly bytes: number; readonly holder: string }>(
  lists: readonly RejectionList<R>[],
  { holder, data, maxBytes }: Newcomer,
): readonly R[] | 'itself' {
  const comes = Buffer.byteLength(JSON.stringify(data ?? null)) + ENVELOPE_BYTES
  let left = lists.reduce((sum, { bytes }) => sum + bytes, 0)
  if (left + comes <= maxBytes) return []
  const going: R[] = []
  let open = lists.flatMap(({ bytes, next }) => opened(bytes, next, null))
  while (open.length > 0 && left + comes > maxBytes) {
    const payer = open.reduce((least, list) => (comesBefore(list, least) ? list : least))
    if (rankOf(payer.first.holder) > rankOf(holder)) return 'itself'
    going.push(payer.first)
    left -= payer.first.bytes
    const rest = opened(payer.bytes - payer.first.bytes, payer.next, payer.first)
    open = [...open.filter((list) => list !== payer), ...rest]
  }
  return going
}

interface Open<R> extends RejectionList<R> {
  readonly first: R
}

function opened<R>(bytes: number, next: RejectionList<R>['next'], last: R | null): readonly Open<R>[] {
  const first = next(last)
  return first === undefined ? [] : [{ bytes, next, first }]
}

function comesBefore<R extends { readonly holder: string }>(one: Open<R>, other: Open<R>): boolean {
  const order = rankOf(one.first.holder) - rankOf(other.first.holder)
  return order < 0 || (order === 0 && one.bytes > other.bytes)
}
