import type { CommandId } from '../../relay/protocol/ids.ts'

/**
 * Whether a command with the sequence after the mark continues the outbox that the store knows (W3). `after`: what its
 * connection sent just before it; `last`: the command at the mark. Where one of them is not known there is no overlap to
 * compare, and the sequence alone decides. A copied disk sends ahead: what it has at the mark is another command, and what
 * follows must not be taken only because its number fits.
 */
export function isBehind(after: CommandId | undefined, last: CommandId | null): boolean {
  return after === undefined || last === null || after === last
}
