/** When devices were last heard in areas, so that who is silent is known after a start of the server (PROTOCOL M12). */
import type { DeviceId } from '../../relay/protocol/ids.ts'
import type { DeviceRow } from './site.ts'

/** How often it is kept of who is in an area that they were heard, milliseconds: a server that is killed knows it no better. */
export const HEARD_AGAIN_MS = 5 * 60_000

/** `at`: ISO 8601 UTC, of its last sign of life; of one that left, when that was. */
export interface Heard {
  readonly device: DeviceId
  readonly area: string
  /** Nobody ever signed in on it. */
  readonly isAlone: boolean
  readonly at: string
  /** It is there no more. */
  readonly isOver: boolean
}

export interface LastHeard extends Pick<Heard, 'isAlone' | 'at'> {
  readonly device: DeviceRow
}

/** Rows go with their device. */
export interface LastHeardStore {
  /**
   * Of a device and an area the latest time counts. What is over takes no later time back, for the device may have gone to another
   * node meanwhile; one that is later by more than `HEARD_AGAIN_MS` is of a clock that was ahead. What is said of a device that is not known (any more) is nothing. */
  heard(rows: readonly Heard[]): Promise<void>
  /** Active devices heard in an area since then: at most `max` that people use, and as many others, of each the last ones. */
  lastHeard(area: string, since: string, max: number): Promise<readonly LastHeard[]>
}

/** What a clock that was right cannot have written before this moment came. */
export function aheadOf(at: string): string {
  return new Date(Date.parse(at) + HEARD_AGAIN_MS).toISOString()
}
