import { domainRow, parseChannel, type Channel } from '../../relay/protocol/channels.ts'
import type { Prepare } from '../core/hub.ts'
import type { Deflates, SharedBytes } from './shared-bytes.ts'

/** Not what is one person's, and not what is urgent, which waits for no thread (PROTOCOL Z1, P3). */
export function mayBeDeflated(channel: Channel): boolean {
  return domainRow(channel).readers !== 'owner' && channel.lane !== 'urgent'
}

/** Has events that are about to leave deflated, each once for everybody; not where none of them is worth the wait. */
export function deflatedEvents(deflater: Deflates): Prepare<SharedBytes> {
  return (name, frames, ready) => {
    if (!frames.some((frame) => deflater.isWorthwhile(frame))) return false
    const channel = parseChannel(name)
    if (channel === null || !mayBeDeflated(channel)) return false
    void Promise.all(frames.map((frame) => deflater.deflated(frame))).then(ready)
    return true
  }
}
