import type { Brand } from 'valibot'
import type { Lane } from './lanes.ts'
import { CHANNEL_NAME } from './name-patterns.ts'

/** What a channel holds and how it is snapshotted. */
export type ChannelKind = 'log' | 'state' | 'live'

/** `domain/area[/id]`; every segment `[a-z0-9-]{1,64}`. Checked by `channel-schema.ts`. */
export type ChannelName = string & Brand<'ChannelName'>

/** P0 and P1 of the whole site. Every device is always subscribed to it, whatever its windows show. */
export const URGENT_CHANNEL = 'alerts/urgent' as ChannelName

/**
 * Stands in the place of an area for the whole site, in `presence` and `headcount`: who stands in all areas, as a wall of all
 * lines does, is on none of them more than on another.
 */
export const SITE_AREA = '-'

/**
 * Who reads the channels of a domain (`rights.ts`). `device`: the devices that stand in their area, and its people. `person`: its
 * people only. `supervisor`: those who supervise it. `owner`: one person, whose name stands in the place of the area. `nobody`:
 * it is the server's own.
 */
export type Readers = 'device' | 'person' | 'supervisor' | 'owner' | 'nobody'

interface DomainRow {
  readonly kind: ChannelKind
  readonly readers: Readers
  /** Numbers of segments that a name of this domain may have, the domain included. */
  readonly segments: readonly [2] | readonly [3] | readonly [2, 3]
  /** On `state`: keys are of one channel only. Elsewhere a key is one record of the site, in one channel at a time. */
  readonly ownKeys?: true
  /** On `live`: what a subscription does not tell is not so any more (PROTOCOL M13). Elsewhere it is the last that was known. */
  readonly whole?: true
}

/** The domains of the wire. What a new one touches besides its row is listed in `ARCHITECTURE.md`. */
export const DOMAINS = {
  alerts: { kind: 'state', readers: 'device', segments: [2] },
  orders: { kind: 'state', readers: 'person', segments: [2] },
  chat: { kind: 'log', readers: 'person', segments: [2] },
  prefs: { kind: 'state', readers: 'owner', segments: [2], ownKeys: true },
  inbox: { kind: 'log', readers: 'owner', segments: [2] },
  /** The machines of an area, so that a screen knows them while nothing is live (`telemetry.ts`). */
  equipment: { kind: 'state', readers: 'device', segments: [2] },
  /** Commands that were rejected and nobody has settled yet (PROTOCOL D1). */
  rejections: { kind: 'state', readers: 'supervisor', segments: [2] },
  /** Handover notes of an area; the pieces of one; what the server holds about them (`notes.ts`). */
  notes: { kind: 'state', readers: 'person', segments: [2] },
  note: { kind: 'state', readers: 'person', segments: [3] },
  notebooks: { kind: 'state', readers: 'nobody', segments: [2] },
  telemetry: { kind: 'live', readers: 'device', segments: [3] },
  /** Who is in an area, and in a room of it: an order, a machine, a note (`presence.ts`). */
  presence: { kind: 'live', readers: 'person', segments: [2, 3], whole: true },
  /** How many are, for whoever may not know who. */
  headcount: { kind: 'live', readers: 'device', segments: [2], whole: true },
  /** What devices say to those who are in a room, and who writes in the chat of an area: `signal` frames (PROTOCOL P4). */
  room: { kind: 'live', readers: 'person', segments: [3], whole: true },
  typing: { kind: 'live', readers: 'person', segments: [2], whole: true },
} as const satisfies Record<string, DomainRow>

export type Domain = keyof typeof DOMAINS

/** A channel name taken apart. `area` is the operator where the domain is read by its owner. */
export interface Channel {
  readonly name: ChannelName
  readonly domain: Domain
  readonly area: string
  readonly id: string | null
  readonly kind: ChannelKind
  readonly lane: Lane
}

/** Takes a name apart; null when it is malformed or of a domain that does not exist. */
export function parseChannel(name: string): Channel | null {
  if (!isChannelName(name)) return null
  const segments = name.split('/')
  const domain = segments[0]
  if (domain === undefined || !isDomain(domain)) return null
  if (!domainRow({ domain }).segments.some((count) => count === segments.length)) return null
  return {
    name: name,
    domain,
    area: segments[1] ?? '',
    id: segments[2] ?? null,
    kind: DOMAINS[domain].kind,
    lane: name === URGENT_CHANNEL ? 'urgent' : 'normal',
  }
}

/** Builds a name from parts that are already checked; throws on a bug, never on input. */
export function channelName(domain: Domain, area: string, id?: string): ChannelName {
  const name = id === undefined ? `${domain}/${area}` : `${domain}/${area}/${id}`
  if (!isChannelName(name)) throw new Error(`"${name}" is no name of a channel`)
  return name
}

/** Whether it is of the whole site and of no area. */
export function isOfSite({ domain, area, id }: Pick<Channel, 'domain' | 'area' | 'id'>): boolean {
  return area === SITE_AREA && id === null && (domain === 'presence' || domain === 'headcount')
}

/** Within which the keys of a `state` channel are one record each: its domain, or itself. */
export function keySpace({ domain, name }: Pick<Channel, 'domain' | 'name'>): string {
  return domainRow({ domain }).ownKeys === true ? name : domain
}

/** The row of the domain that a channel belongs to. */
export function domainRow({ domain }: Pick<Channel, 'domain'>): DomainRow {
  return DOMAINS[domain]
}

function isChannelName(text: string): text is ChannelName {
  return CHANNEL_NAME.test(text)
}

function isDomain(text: string): text is Domain {
  return Object.hasOwn(DOMAINS, text)
}
