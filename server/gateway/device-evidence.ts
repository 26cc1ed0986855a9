import type { Logger } from 'pino'
import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import type { DeviceId, Epoch } from '../../relay/protocol/ids.ts'
import type { StoreWriter } from '../ports/store-writer.ts'
import { StoreUnavailable } from '../ports/store-errors.ts'
import type { PassedTo, UrgentPassage } from '../ports/urgent-passage.ts'
import type { Subscription } from './subscription.ts'

/** What the evidence of all connections shares. */
export interface DeviceEvidenceOptions {
  readonly store: Pick<StoreWriter, 'passUrgent'>
  /** Server time, ISO 8601 UTC. */
  readonly now: () => string
  readonly log: Logger
}

/** What one connection proves about alerts by its heartbeats (P4): sent and received. The rest come as receipts. */
export class DeviceEvidence {
  readonly #device: DeviceId
  readonly #options: DeviceEvidenceOptions
  /** How far in `alerts/urgent` evidence is kept of this connection's epoch. */
  #kept: { readonly epoch: Epoch; readonly to: PassedTo } | null = null
  #isKeeping = false
  /** By the last heartbeat that came while the store is asked: of several, the last says all. */
  #latest: UrgentPassage | null = null

  constructor(device: DeviceId, options: DeviceEvidenceOptions) {
    this.#device = device
    this.#options = options
  }

  /**
   * H4: how far this device is in the urgent channel, as evidence of each alert it passed since the last time. What the disk
   * does not take is tried with the next heartbeat, and after a reconnect or a restart: the log has it until then (E4).
   */
  passed({ urgent }: ClientFrameOf<'ping'>, written: Subscription['written']): void {
    if (written === null) return
    const { epoch, offset: sent, since, start } = written
    // A cursor of another epoch, or above what was written here, proves nothing.
    const received = urgent?.epoch === epoch ? Math.min(urgent.offset, sent) : 0
    const passage = { device: this.#device, epoch, sent, received, since, start, at: this.#options.now() }
    if (this.#isKeeping) this.#latest = passage
    else this.#keep(passage)
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
        const latest = this.#latest
        this.#latest = null
        if (latest !== null) this.#keep(latest)
      })
  }

  #late(cause: unknown): void {
    this.#options.log[cause instanceof StoreUnavailable ? 'warn' : 'error']({ event: 'evidence-late', cause })
  }
}
