/** What a device says of itself when it connects, and what the store knows of it (PROTOCOL W10). */
import type { DeviceId, Incarnation, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { SessionState } from './sessions.ts'
import type { DeviceRow } from './site.ts'

export interface GreetingRequest {
  readonly device: DeviceId
  readonly publicKey: string
  readonly name: string
  /** Where it comes from, as limits count it: an address, of IPv6 its /64. */
  readonly source: string
  /** Name of this greeting, of which the device token is (A8); only a store that several nodes share keeps it. */
  readonly link?: string
  /** Which run of the relay this is, and its how manieth greeting (N12); only a store that several nodes share compares it. */
  readonly run?: RelayRun
  /** Areas a device that is not yet known starts with (site policy). */
  readonly defaultAreas: readonly string[]
  readonly epoch: OutboxEpoch
  readonly incarnation: Incarnation | null
  readonly oldest: Readonly<Record<Lane, number>>
  /** The session that is signed in on the device, as far as it knows; absent while nobody is. */
  readonly session?: SessionId
}

export interface RelayRun {
  readonly life: string
  readonly attempt: number
}

export interface Greeting {
  readonly device: DeviceRow
  /** Nobody ever signed in on it. */
  readonly isAlone: boolean
  readonly incarnation: Incarnation
  /**
   * `refused`: it is not known, and there is no room for another device. `overtaken`: a later greeting of the same run was here
   * first (N12). Nothing was written then.
   */
  readonly outbox: 'known' | 'new' | 'adopted' | 'forgotten' | 'refused' | 'overtaken'
  readonly marks: Readonly<Record<Lane, number>>
  /** Of the site, by name. */
  readonly siteAreas: readonly string[]
  /** The number of this link: from now on what an older one of the device brings is stale. 0 where it was refused. */
  readonly link: number
  /** Null where the request names none. */
  readonly session: SessionState | null
}
