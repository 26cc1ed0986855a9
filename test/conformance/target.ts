import type { Way } from '../../relay/protocol/ways.ts'

/** The server under test, as its owner describes it. */
export interface Target {
  /** `http:` or `https:`, without a path. */
  readonly url: string
  /** By which frames come and go. */
  readonly way: Way
  /** API key that may raise and list alerts, and report values of machines, everywhere. */
  readonly key: string
  /** An operator of `area` alone. */
  readonly user: Person
  /** An operator of `area` and of `otherArea`, who takes over from the first. */
  readonly supervisor: Person
  /** Another operator; only the name is used. */
  readonly stranger: string
  readonly area: string
  readonly otherArea: string
  /** Takes this device's admission away; null when the owner gave no way. */
  readonly revoke: ((device: string) => Promise<void>) | null
  /** Makes the server leave in a planned way, as for an update; null when the owner gave no way. */
  readonly drain: (() => Promise<void>) | null
  /** Several servers stand behind the address, and each connection comes to any of them. */
  readonly hasNodes: boolean
  /** Patience with an answer, milliseconds. */
  readonly timeoutMs: number
}

export interface Person {
  readonly name: string
  readonly pin: string
}
