import type { ChannelView } from '../../relay/protocol/local.ts'

/** A board with more alerts than this in a channel is a flood: nobody reads each of its changes. */
const LONG_BOARD = 200

/** Whether any of these channels is that long. */
export function isLong({
  urgent,
  areas,
}: {
  readonly urgent: ChannelView | null
  readonly areas: readonly ChannelView[]
}): boolean {
  const all = urgent === null ? areas : [urgent, ...areas]
  return all.some(({ records }) => Object.keys(records ?? {}).length > LONG_BOARD)
}
