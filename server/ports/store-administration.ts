import type { DeviceId, Incarnation, SessionId } from '../../relay/protocol/ids.ts'
import type { PastSignIns, SessionHashes, SessionRow } from './sessions.ts'
import type { ApiKeyRow, DeviceCounts, DeviceRow, OperatorRow, Reviews, SigningKeyRow } from './site.ts'

/**
 * Who and what belongs to the site: areas, devices, people, their sessions and keys. Rows in, rows out; who may do this is
 * decided before it comes here. `put…` inserts, or replaces by id. What a call changed is durable when its promise resolves.
 *
 * Errors: what the disk does not take has not happened and rejects with `StoreUnavailable`; calls that only read do not meet it.
 */
export interface StoreAdministration {
  areas(): Promise<readonly string[]>
  addArea(area: string): Promise<void>

  device(id: DeviceId): Promise<DeviceRow | null>
  devices(): Promise<readonly DeviceRow[]>
  /** Active devices that are used (T18): at most `max`, the ones last seen first. */
  usedDevices(max: number): Promise<readonly DeviceId[]>
  deviceCounts(): Promise<DeviceCounts>

  operator(id: string): Promise<OperatorRow | null>
  operators(): Promise<readonly OperatorRow[]>
  putOperator(row: OperatorRow): Promise<void>

  session(id: SessionId): Promise<SessionRow | null>
  /** `expected`: only when the stored one is active and has these hashes still; false otherwise. */
  putSession(row: SessionRow, expected?: SessionHashes): Promise<boolean>
  /** Whether this person, or anybody, signed in on this device before; also after their sessions were forgotten. */
  pastSignIns(device: DeviceId, operator: string): Promise<PastSignIns>

  apiKeyByHash(hash: string): Promise<ApiKeyRow | null>
  apiKeys(): Promise<readonly ApiKeyRow[]>
  putApiKey(row: ApiKeyRow): Promise<void>

  /** Every key that may still have signed a living token, newest first. */
  signingKeys(): Promise<readonly SigningKeyRow[]>
  /** Keeps it where there is none yet: of several that are offered at once, by whichever node, one stays. */
  offerSigningKey(row: SigningKeyRow): Promise<void>

  incarnation(): Promise<Incarnation>
  /** How many commands wait for their time (T20). */
  timersWaiting(): Promise<number>
  /** The same thing twice stands in it once (T13). */
  reviews(): Promise<Reviews>
  /** One small durable write; rejects when the disk does not take it (readiness). */
  probe(): Promise<void>
}
