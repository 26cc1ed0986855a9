import { CLOSE, type CloseRow } from '../../relay/protocol/close-codes.ts'
import type { ErrorCode } from '../../relay/protocol/errors.ts'
import type { ClientFrameOf, ServerFrameOf } from '../../relay/protocol/frames.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { VERSIONS } from '../../relay/protocol/version.ts'
import type { Greeting } from '../ports/greeting.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { checkProof, claimedDevice } from './device-proof.ts'

/** A `hello` that is accepted. */
export interface Accepted {
  readonly kind: 'welcome'
  readonly hello: ClientFrameOf<'hello'>
  readonly greeting: Greeting & { readonly outbox: Exclude<Greeting['outbox'], 'refused' | 'overtaken'> }
  readonly deviceToken: string
  /** Server time from before the store looked: what it says of the session named is true of a later moment. */
  readonly greetedAt: string
}

/** What is kept of it for as long as the connection lasts: proof, names and tokens are long, and asked for once. */
export interface Greeted {
  readonly version: number
  readonly life: ClientFrameOf<'hello'>['life']
  readonly attempt: number
  readonly takesBytes: boolean
  readonly greeting: Accepted['greeting']
}

/** What becomes of a `hello`. */
export type GreetingOutcome =
  | Accepted
  | { readonly kind: 'turn-away'; readonly code: ErrorCode; readonly row: CloseRow }
  /** There is no room for this greeting now (L1). */
  | { readonly kind: 'come-back'; readonly afterMs: number }
  /** Another connection of the device is alive, and this one gives way to it (G5, N12). */
  | { readonly kind: 'yield' }
  /** A trial beside the living connection of this device (N13). */
  | { readonly kind: 'trial'; readonly device: DeviceId; readonly takesBytes: boolean }

export interface GreetingRequest {
  readonly hello: ClientFrameOf<'hello'>
  readonly nonce: string
  /** Name of this greeting; the device token is of it (A8). */
  readonly link: string
  /** Where the connection comes from, as limits count it. */
  readonly source: string
  /** How long a device that claims to be this one has to stay away, milliseconds; 0 goes on (V7). */
  readonly stayAwayMs: (claimed: DeviceId | null) => number
}

/**
 * Decides on a `hello` from the cheapest question to the dearest: version, room, signature, store (G2–G9). Nothing of a device
 * that is not welcomed is kept, except by the store's word.
 */
export async function greet(
  { hello, nonce, link, source, stayAwayMs }: GreetingRequest,
  options: ConnectionOptions,
): Promise<GreetingOutcome> {
  const { store, tokens, log, versions = VERSIONS, prove = checkProof } = options
  if (hello.version < versions.min || hello.version > versions.max)
    return { kind: 'turn-away', code: 'unsupported-version', row: CLOSE.unsupportedVersion }
  const afterMs = stayAwayMs(claimedDevice(hello.proof))
  if (afterMs > 0) return { kind: 'come-back', afterMs }
  const proven = await prove(hello.proof, nonce)
  if (proven === null) return { kind: 'turn-away', code: 'bad-proof', row: CLOSE.unauthenticated }
  const { device } = proven
  // It changes nothing of the device, so the store is not asked; without a living connection it is no trial.
  if (hello.trial === true && options.host.living(device) === null)
    return { kind: 'turn-away', code: 'unexpected-frame', row: CLOSE.greetAgain }
  if (hello.trial === true) return { kind: 'trial', device, takesBytes: takesBytes(hello) }
  if (options.host.givesWay(hello, device)) return { kind: 'yield' }
  const greetedAt = options.now()
  const greeting = await store.greet({
    device,
    publicKey: proven.publicKey,
    name: hello.name,
    source,
    link,
    defaultAreas: options.newDeviceAreas,
    epoch: hello.outbox.epoch,
    incarnation: hello.outbox.incarnation,
    oldest: hello.outbox.oldest,
    ...(hello.life !== undefined && { run: { life: hello.life, attempt: hello.attempt ?? 0 } }),
    ...(hello.session !== undefined && { session: hello.session }),
  })
  const { outbox } = greeting
  // By another node; a link of this one was seen before the store was asked.
  if (outbox === 'overtaken') return { kind: 'yield' }
  if (outbox === 'refused') {
    log.warn({ event: 'device-refused', code: 'too-many-devices', source })
    return { kind: 'turn-away', code: 'too-many-devices', row: CLOSE.siteFull }
  }
  if (greeting.device.status === 'revoked') return { kind: 'turn-away', code: 'device-revoked', row: CLOSE.revoked }
  const deviceToken = tokens.issueDevice(proven.device, link)
  return { kind: 'welcome', hello, greeting: { ...greeting, outbox }, deviceToken, greetedAt }
}

export function greetedBy({ hello, greeting }: Accepted): Greeted {
  const { version, life, attempt = 0 } = hello
  return { version, life, attempt, takesBytes: takesBytes(hello), greeting }
}

/** Whether this relay sends and takes binary messages (B2). */
function takesBytes({ takes }: ClientFrameOf<'hello'>): boolean {
  return takes?.includes('bytes') ?? false
}

export function welcomeFrame(
  { version, greeting }: Greeted,
  deviceToken: string,
  { now, heartbeatMs }: Pick<ConnectionOptions, 'now' | 'heartbeatMs'>,
): ServerFrameOf<'welcome'> {
  const { device, incarnation, outbox, marks, session } = greeting
  return {
    t: 'welcome',
    version,
    device: device.id,
    incarnation,
    deviceToken,
    deviceAreas: [...device.areas],
    areas: [...greeting.siteAreas],
    serverTime: now(),
    heartbeatMs,
    outbox,
    marks,
    ...(session !== null && { session }),
  }
}
