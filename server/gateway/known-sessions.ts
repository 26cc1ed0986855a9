import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'

/** Sessions remembered of one connection: an outbox of weeks holds some dozens. The one looked up first goes first. */
const MAX_KNOWN = 256

/**
 * Which sessions that commands name are this device's, looked up once each: anybody can name one (V8). Nothing waits for the
 * answer; until it is there the session counts as unknown.
 */
export class KnownSessions {
  readonly #store: Pick<StoreAdministration, 'session'>
  readonly #device: DeviceId
  /** By session its person; null while it is being looked up, and where it is not of this device. Absent until one is named. */
  #people: Map<SessionId, string | null> | null = null

  constructor(store: Pick<StoreAdministration, 'session'>, device: DeviceId) {
    this.#store = store
    this.#device = device
  }

  /** Whose session this is; null where that is not known. */
  operatorOf(session: SessionId): string | null {
    return this.#people?.get(session) ?? null
  }

  lookUp(session: SessionId): void {
    const people = (this.#people ??= new Map())
    if (people.has(session)) return
    if (people.size >= MAX_KNOWN)
      for (const oldest of people.keys()) {
        people.delete(oldest)
        break
      }
    people.set(session, null)
    this.#store.session(session).then(
      (row) => {
        if (row?.device === this.#device && people.has(session)) people.set(session, row.operator)
      },
      // Asked again with the next command that names it.
      () => people.delete(session),
    )
  }
}
