import { computed, signal, type ReadonlySignal } from '@preact/signals'
import { NO_LIVE, type LiveModel } from '../../relay/domain/live.ts'
import { typistsOf } from '../../relay/domain/presence.ts'
import { channelName, parseChannel, type ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { RoomOfWindow } from '../../relay/protocol/local.ts'
import { looksFrom, presenceChannel, SITE_ROOM } from '../../relay/protocol/room-names.ts'
import type { WindowClient } from '../../relay/window.ts'
import type { Place, ViewName } from './place.ts'
import type { SheetName } from './sheets.ts'

/** How often it is said again that somebody writes, milliseconds: half of what it is current for. */
const TYPING_AGAIN_MS = LIMITS.signalMs / 2

/** What rooms need of the relay. */
export type RoomRelay = Pick<WindowClient, 'live' | 'listenLive' | 'track' | 'signal' | 'now'>

/** What this window looks at: its view, and what lies over it. */
export interface Look {
  readonly area: string
  readonly place: Place & { readonly view: ViewName }
  readonly sheet: SheetName | null
  /** As people call the order that is open; null while none is. */
  readonly orderNumber: string | null
}

/** Live channels of an area beside those of its machines: who may read what is the server's to know. */
export function roomChannels(look: Look, isPerson: boolean): readonly ChannelName[] {
  const { area, place } = look
  const numbers = channelName('headcount', area)
  if (!isPerson) return [numbers]
  const thing = thingOf(look)
  return [
    numbers,
    presenceChannel(area),
    SITE_ROOM,
    ...(thing === null ? [] : [presenceChannel(area, thing)]),
    ...(place.view === 'chat' ? [channelName('typing', area)] : []),
  ]
}

/**
 * In which rooms the people at this window are. The view goes as its name, which each reader has in their own language. Before a
 * board of all lines nobody is on one of them: where no window says an area, the relay says where the device stands.
 */
export function roomsOf(look: Look): readonly RoomOfWindow[] {
  const { area, place, sheet, orderNumber } = look
  const thing = thingOf(look)
  const looks = sheet?.kind === 'trend' ? sheet.machine : orderNumber
  const view: ViewName = place.view
  const isOnLine = view !== 'site' && view !== 'wall'
  return [
    ...(isOnLine
      ? [{ channel: presenceChannel(area), own: { view }, ...(looks !== null && { looks: looksFrom(looks) }) }]
      : []),
    ...(thing === null ? [] : [{ channel: presenceChannel(area, thing) }]),
  ]
}

/** The order, machine or note that is open, as a segment of a channel; null while none is. */
export function thingOf({ sheet, place }: Look): string | null {
  if (sheet?.kind === 'order') return sheet.id
  if (sheet?.kind === 'trend') return sheet.machine
  return place.view === 'notes' ? (place.item ?? null) : null
}

/** Whether it is no value of a machine: what is drawn when it comes, and not ten times a second. */
function isOfRooms(name: ChannelName): boolean {
  return parseChannel(name)?.domain !== 'telemetry'
}

/** What is live besides values of machines, as a signal. Returns the release with it. */
export function liveRooms(relay: RoomRelay): [ReadonlySignal<LiveModel>, () => void] {
  const rooms = signal<LiveModel>(NO_LIVE)
  const take = (live: LiveModel): void => {
    const next = [...live].filter(([name]) => isOfRooms(name))
    const before = rooms.peek()
    if (next.length === before.size && next.every(([name, values]) => before.get(name) === values)) return
    rooms.value = new Map(next)
  }
  take(relay.live)
  return [rooms, relay.listenLive(take)]
}

export interface RoomSources {
  readonly relay: RoomRelay
  readonly rooms: ReadonlySignal<LiveModel>
  /** Moved once a second: what is live ages. */
  readonly now: ReadonlySignal<number>
  readonly look: ReadonlySignal<Look>
  readonly self: ReadonlySignal<string | null>
  readonly isLive: ReadonlySignal<boolean>
}

/** Who else writes in the chat of the shown area; nobody knows that while the server is away. */
export function writers({ relay, rooms, now, look, self, isLive }: RoomSources): ReadonlySignal<readonly string[]> {
  return computed(() => {
    void now.value
    if (!isLive.value) return []
    return typistsOf(rooms.value, look.value.area, { now: relay.now(), self: self.value })
  })
}

/** Says in the chat of an area that somebody writes there: when they begin, now and then while they do, and when they stop. */
export class Typing {
  readonly #relay: Pick<RoomRelay, 'signal' | 'now'>
  /** Who is signed in at this window. */
  readonly #self: ReadonlySignal<string | null>
  #said: { readonly area: string; readonly at: number; readonly by: string | null } | null = null

  constructor(relay: Pick<RoomRelay, 'signal' | 'now'>, self: ReadonlySignal<string | null>) {
    this.#relay = relay
    this.#self = self
  }

  changed(area: string, isWriting: boolean): void {
    const now = this.#relay.now()
    const by = this.#self.peek()
    // What somebody before said is over with their session, and says nothing of whoever writes now.
    if (this.#said?.by !== by) this.#said = null
    if (!isWriting) {
      if (this.#said !== null) this.#relay.signal(channelName('typing', this.#said.area), null)
      this.#said = null
      return
    }
    if (this.#said?.area === area && now - this.#said.at < TYPING_AGAIN_MS) return
    this.#said = { area, at: now, by }
    this.#relay.signal(channelName('typing', area), {})
  }
}
