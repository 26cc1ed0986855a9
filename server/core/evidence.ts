import type { CommittedEvent } from '../ports/store.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'

/** Alerts whose way to the devices is followed; an older one has been followed for hours, or nobody is there to receive it. */
const MAX_FOLLOWED = 1_000

/**
 * Which alerts a device has been sent and has received, from how far it is in `alerts/urgent` (P4): an alert was sent when its
 * event was written to the connection, and received when the cursor in the heartbeat stands at it or beyond.
 */
export class Evidence {
  readonly #raised: { readonly offset: number; readonly alert: CommandId }[] = []

  /** Takes note of alerts among what was committed on `alerts/urgent`, in offset order. */
  committed(events: readonly CommittedEvent[]): void {
    for (const { channel, event } of events) {
      if (channel !== 'alerts/urgent' || event.type !== 'alert.raised' || event.cause === undefined) continue
      this.#raised.push({ offset: event.offset, alert: event.cause })
    }
    if (this.#raised.length > MAX_FOLLOWED) this.#raised.splice(0, this.#raised.length - MAX_FOLLOWED)
  }

  /** Alerts raised after offset `from` and at or before `to`. */
  between(from: number, to: number): readonly CommandId[] {
    return this.#raised.filter(({ offset }) => offset > from && offset <= to).map(({ alert }) => alert)
  }
}
