/** When devices were last heard in areas, so that who is silent is known after a start of the server (PROTOCOL M12). */
import type { DeviceId } from '../../relay/protocol/ids.ts'
import type { DeviceRow } from './site.ts'

/** `at`: ISO 8601 UTC; null once it is there no more. */
export interface Heard {
  readonly device: DeviceId
  readonly area: string
  /** Nobody ever signed in on it. */
  readonly isAlone: boolean
  readonly at: string | null
}

export interface LastHeard extends Pick<Heard, 'isAlone'> {
  readonly device: DeviceRow
  readonly at: string
}

/** Rows go with their device. */
export interface LastHeardStore {
  /** Of a device and an area the latest time counts. What is said of a device that is not known (any more) is nothing. */
  heard(rows: readonly Heard[]): Promise<void>
  /** Active devices heard in an area since then: at most `max` that people use, and as many others, of each the last ones. */
  lastHeard(area: string, since: string, max: number): Promise<readonly LastHeard[]>
}
