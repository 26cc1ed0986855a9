import type { ChannelKind } from '../../relay/protocol/channels.ts'
import type { ChannelPolicy } from '../ports/retention.ts'
import { RETENTION } from '../core/retention.ts'

/** The same for channels of every kind, so that a test names only those that it is about. */
export function policyOfAll(
  policy: ChannelPolicy,
  others: Partial<Record<ChannelKind, ChannelPolicy>> = {},
): Readonly<Record<ChannelKind, ChannelPolicy>> {
  const kinds = Object.keys(RETENTION) as readonly ChannelKind[]
  const all = Object.fromEntries(kinds.map((kind) => [kind, policy])) as Record<ChannelKind, ChannelPolicy>
  return { ...all, ...others }
}
