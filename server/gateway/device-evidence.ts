import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import type { Evidence } from '../core/evidence.ts'
import type { Receipt, Store } from '../ports/store.ts'
import type { Subscription } from './subscription.ts'

export interface DeviceEvidenceOptions {
  readonly store: Store
  readonly evidence: Evidence
  readonly device: DeviceId
  /** How long so many receipts have to wait, milliseconds; 0 takes them. */
  readonly pace: (count: number) => number
  /** So many receipts were of no alert that is known. */
  readonly dropped: (count: number) => void
  /** Server time, ISO 8601 UTC. */
  readonly now: () => string
  readonly log: Logger
}

/** What one connection proves about alerts (P4): sent and received by its heartbeats, the rest by its receipts. */
export class DeviceEvidence {
  readonly #options: DeviceEvidenceOptions
  /** Offsets in `alerts/urgent` up to which evidence of this connection is recorded. */
  #sentTo = 0
  #receivedTo = 0

  constructor(options: DeviceEvidenceOptions) {
    this.#options = options
  }

  /** H4: how far this device is in the urgent channel, as evidence for each alert it passed since the last time. */
  passed({ urgent }: ClientFrameOf<'ping'>, written: Subscription['written']): void {
    const { evidence, store, log, device, now } = this.#options
    const sentTo = written?.offset ?? 0
    // A cursor of another epoch, or above what was written here, proves nothing.
    const receivedTo = urgent !== undefined && urgent.epoch === written?.epoch ? Math.min(urgent.offset, sentTo) : 0
    const at = now()
    const receipts: readonly Receipt[] = [
      ...evidence.between(this.#sentTo, sentTo).map((alert) => ({ alert, device, kind: 'sent' as const, at })),
      ...evidence
        .between(this.#receivedTo, receivedTo)
        .map((alert) => ({ alert, device, kind: 'received' as const, at })),
    ]
    this.#sentTo = Math.max(this.#sentTo, sentTo)
    this.#receivedTo = Math.max(this.#receivedTo, receivedTo)
    if (receipts.length === 0) return
    store.recordReceipts(receipts).catch((cause: unknown) => log.error({ event: 'evidence-lost', cause }))
  }

  /** Resolves when the receipts are durable (E1). Those over the device's rate wait, and with them what it sent behind (E3). */
  async take({ items }: ClientFrameOf<'receipts'>): Promise<void> {
    const { store, device, pace, dropped } = this.#options
    let waitMs = pace(items.length)
    while (waitMs > 0) {
      await pause(waitMs)
      waitMs = pace(items.length)
    }
    const now = Date.parse(this.#options.now())
    const count = await store.recordReceipts(
      items.map(({ alert, kind, agoMs }) => ({
        alert,
        kind,
        device,
        at: new Date(now - Math.min(agoMs, now)).toISOString(),
      })),
    )
    if (count > 0) dropped(count)
  }
}
