import type { Logger } from 'pino'
import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import type { DeviceId, Epoch } from '../../relay/protocol/ids.ts'
import type { StoreWriter } from '../ports/store-writer.ts'
import { StoreUnavailable } from '../ports/store-errors.ts'
import type { PassedTo, UrgentPassage } from '../ports/urgent-passage.ts'
import type { Subscription } from './subscription.ts'

export interface DeviceEvidenceOptions {
  readonly store: StoreWriter
  readonly device: DeviceId
  /** Server time, ISO 8601 UTC. */
  readonly now: () => string
  readonly log: Logger
}

/** What one connection proves about alerts by its heartbeats (P4): sent and received. The rest come as receipts. */
export class DeviceEvidence {
  readonly #options: DeviceEvidenceOptions
  /** How far in `alerts/urgent` evidence is kept of this connection's epoch. */
  #kept: { readonly epoch: Epoch; readonly to: PassedTo } | null = null
  #isKeeping = false
  /** By the last heartbeat; of several that come while the store is asked, the last says all. */
  #latest: UrgentPassage | null = null

  constructor(options: DeviceEvidenceOptions) {
    this.#options = options
  }

  /**
   * H4: how far this device is in the urgent channel, as evidence of each alert it passed since the last time. What the disk
   * does not take is tried with the next heartbeat, and after a reconnect or a restart: the log has it until then (E4).
   */
  passed({ urgent }: ClientFrameOf<'ping'>, written: Subscription['written']): void {
    if (written === null) return
    const { device, now } = this.#options
    const { epoch, offset: sent, since, start } = written
    // A cursor of another epoch, or above what was written here, proves nothing.
    const received = urgent?.epoch === epoch ? Math.min(urgent.offset, sent) : 0
    this.#latest = { device, epoch, sent, received, since, start, at: now() }
    if (!this.#isKeeping) this.#keep(this.#latest)
  }

  #keep(passage: UrgentPassage): void {
    const { epoch, sent, received } = passage
    const to = this.#kept?.epoch === epoch ? this.#kept.to : null
    if (to !== null && sent <= to.sent && received <= to.received) return
    this.#isKeeping = true
    this.#options.store
      .passUrgent(passage)
      .then(
        (reached) => void (this.#kept = { epoch, to: reached }),
        (cause: unknown) => this.#late(cause),
      )
      .finally(() => {
        this.#isKeeping = false
        // A heartbeat came meanwhile. Without one, what was cut or refused waits for the next: that is its pace.
        if (this.#latest !== null && this.#latest !== passage) this.#keep(this.#latest)
      })
  }

  #late(cause: unknown): void {
    this.#options.log[cause instanceof StoreUnavailable ? 'warn' : 'error']({ event: 'evidence-late', cause })
  }
}
