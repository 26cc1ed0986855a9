/**
 * In which rooms this device is (PROTOCOL M9). Windows say which room each is in; where no window says an area, the device is in
 * its own areas, or on all lines where it has all of them. What all of them come to is said anew on each connection, and after that what changes.
 */
import { isOfSite, parseChannel, type ChannelName } from '../../protocol/channels.ts'
import { check } from '../../protocol/check.ts'
import { refuse, type Refusal } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { presenceChannel, SITE_ROOM } from '../../protocol/room-names.ts'
import { TrackState, type OwnTrack } from '../../protocol/presence.ts'
import { mayBeIn } from '../../protocol/rights.ts'
import { sendFrame, takesLive } from '../link/link.ts'
import { isUp } from '../link/slice.ts'
import type { Turn } from '../step/turn.ts'
import { boundAuthor, isReaderKnown } from '../tell/reading.ts'
import type { RoomsState, WindowTrack } from './slice.ts'

/** What changes is said at most so often, milliseconds: whoever goes from view to view is in the last one. */
const PACE_MS = 500
/** When a room that was full, or a server that had too much, is asked again. */
const AGAIN_MS = 10_000

/** A machine that still runs so long after it was to sleep did not. */
const SLEEP_MS = 15_000

export function newRooms(): RoomsState {
  return {
    ofHost: new Map(),
    ofWindows: new Map(),
    since: new Map(),
    operator: null,
    said: null,
    full: new Map(),
    notBefore: 0,
    due: null,
    asleepUntil: null,
    dirty: true,
    seen: null,
    waiting: new Map(),
    waitingOf: null,
    signalAt: 0,
  }
}

/** Why this cannot be said at all; null where it can. */
export function refuseTrack(name: string, state: OwnTrack | null): Refusal | null {
  if (parseChannel(name)?.domain !== 'presence') return refuse('not-a-room')
  const checked = state === null ? null : check(TrackState, state, 'bad-request')
  if (checked?.ok === false) return checked
  return fits(state, LIMITS.maxTrackBytes) ? null : refuse('signal-too-large')
}

/** The host is in this room, or with null no more; it is told where that is one more than a device may be in. */
export function hostTracks(
  rooms: RoomsState,
  turn: Turn,
  { channel, state }: { readonly channel: ChannelName; readonly state: OwnTrack | null },
): void {
  rooms.dirty = true
  if (state === null) rooms.ofHost.delete(channel)
  else if (rooms.ofHost.has(channel) || rooms.ofHost.size < LIMITS.maxRooms) rooms.ofHost.set(channel, state)
  else {
    const { code, message } = refuse('too-many-rooms')
    turn.effects.push({ kind: 'observe', observation: { kind: 'refused', channel, code, message } })
  }
}

/** In which rooms this window is from now on, all of them. */
export function windowTracks(
  rooms: RoomsState,
  port: number,
  list: readonly (WindowTrack & { readonly channel: string })[],
): void {
  const all = new Map<ChannelName, WindowTrack>()
  for (const { channel: name, ...track } of list) {
    const channel = parseChannel(name)
    if (channel?.domain === 'presence') all.set(channel.name, track)
  }
  rooms.ofWindows.delete(port)
  rooms.ofWindows.set(port, all)
  rooms.dirty = true
}

/** The window at this port is gone. */
export function windowLeft(rooms: RoomsState, port: number): void {
  if (rooms.ofWindows.delete(port)) rooms.dirty = true
}

/** This machine is about to sleep: what was said behind its `bye` would call it back. */
export function roomsSleep(rooms: RoomsState, turn: Turn): void {
  rooms.asleepUntil = turn.now + SLEEP_MS
}

/** It runs on, or somebody is there: all of it is said again. */
export function roomsAwake(rooms: RoomsState): void {
  if (rooms.asleepUntil === null) return
  rooms.asleepUntil = null
  rooms.dirty = true
  sayAgain(rooms)
}

/** When something that waits for its turn may be said, monotonic; null when nothing does. */
export function roomsDeadline({ due, waiting, signalAt }: RoomsState): number | null {
  if (waiting.size === 0) return due
  return due === null ? signalAt : Math.min(due, signalAt)
}

/** Says what has changed; on a new connection, everything. */
export function pumpRooms(rooms: RoomsState, turn: Turn): void {
  const { connection } = turn.link
  rooms.due = null
  if (!isUp(connection)) {
    rooms.said = null
    return
  }
  noticeChanges(rooms, turn)
  if (rooms.said?.generation !== connection.generation) {
    rooms.said = { generation: connection.generation, rooms: new Map() }
    rooms.notBefore = 0
    rooms.full.clear()
    rooms.asleepUntil = null
    rooms.dirty = true
  }
  if (rooms.asleepUntil !== null) {
    rooms.due = rooms.asleepUntil
    if (turn.now < rooms.asleepUntil) return
    roomsAwake(rooms)
    rooms.due = null
  }
  // As whom it is somewhere is known in a moment: said before, others would see a person go and come.
  if (!rooms.dirty || !takesLive(turn.link) || !isReaderKnown(turn)) return
  if (turn.now < rooms.notBefore) {
    rooms.due = rooms.notBefore
    return
  }
  rooms.dirty = false
  rooms.notBefore = turn.now + PACE_MS
  say(rooms, turn)
}

/** Person, rights, areas or who looks at this device may be others than when it was said last. */
function noticeChanges(rooms: RoomsState, { link, people }: Turn): void {
  const { attention } = link
  const { current, boundOn, site } = people
  const { seen } = rooms
  const now = { attention, session: current?.id, role: current?.role, areas: current?.areas, boundOn, site }
  if (seen !== null && SEEN.every((what) => seen[what] === now[what])) return
  rooms.seen = now
  rooms.dirty = true
  // The server saw the person change, and not since when they are there.
  const isOther = seen?.session !== now.session || seen?.boundOn !== now.boundOn
  if (isOther) sayAgain(rooms)
}

/** Of each room that was said anything at all: what is left meanwhile is known by it. */
function sayAgain({ said }: RoomsState): void {
  for (const channel of said?.rooms.keys() ?? []) said?.rooms.set(channel, '')
}

const SEEN = ['attention', 'session', 'role', 'areas', 'boundOn', 'site'] as const

function say(rooms: RoomsState, turn: Turn): void {
  const said = rooms.said?.rooms
  if (said === undefined) return
  const wanted = wantedRooms(rooms, turn)
  keepSince(rooms, turn, wanted)
  // What is left first: a device has so many rooms.
  for (const channel of said.keys()) {
    if (wanted.has(channel)) continue
    said.delete(channel)
    sendFrame(turn, { t: 'track', channel, state: null })
  }
  for (const channel of rooms.full.keys()) if (!wanted.has(channel)) rooms.full.delete(channel)
  for (const [channel, state] of wanted) {
    const fullUntil = rooms.full.get(channel) ?? 0
    if (turn.now < fullUntil) {
      rooms.dirty = true
      rooms.due = Math.min(rooms.due ?? fullUntil, fullUntil)
      continue
    }
    rooms.full.delete(channel)
    const text = JSON.stringify(state)
    if (said.get(channel) === text) continue
    said.set(channel, text)
    const agoMs = Math.min(Math.round(turn.now - (rooms.since.get(channel) ?? turn.now)), LIMITS.maxTrackAgoMs)
    sendFrame(turn, { t: 'track', channel, state: { ...state, agoMs } })
  }
}

/** The server took no track of this room: what passes is asked again, what does not when something changes. */
export function trackRefused(rooms: RoomsState, turn: Turn, channel: string, code: string): void {
  if (code !== 'rate-limited' && code !== 'room-full') return
  const name = channel as ChannelName
  rooms.said?.rooms.delete(name)
  rooms.dirty = true
  // What has no place is the matter of that room; a device that says too much waits with all of it.
  if (code === 'room-full') rooms.full.set(name, turn.now + AGAIN_MS)
  else rooms.notBefore = turn.now + AGAIN_MS
}

/** Where this device is to be, by this moment's rights, the host's rooms first; at most as many as it may. */
function wantedRooms(rooms: RoomsState, turn: Turn): Map<ChannelName, OwnTrack> {
  const all = new Map<ChannelName, OwnTrack>(rooms.ofHost)
  const state: TrackState['state'] = turn.link.attention === 'watched' ? 'here' : 'screen-off'
  let isInArea = [...all.keys()].some((name) => parseChannel(name)?.id === null)
  for (const tracks of rooms.ofWindows.values()) {
    for (const [name, track] of tracks) {
      if (!rooms.ofHost.has(name)) all.set(name, { state, ...track })
      isInArea ||= parseChannel(name)?.id === null
    }
  }
  const { areas, deviceAreas } = turn.people.site
  for (const area of isInArea ? [] : deviceAreas) {
    if (areas.includes(area)) all.set(presenceChannel(area), { state })
    else if (area === '*') all.set(SITE_ROOM, { state })
  }
  const reader = { deviceAreas, author: boundAuthor(turn) }
  const allowed = [...all].filter(([name]) => {
    const channel = parseChannel(name)
    return channel !== null && (areas.includes(channel.area) || isOfSite(channel)) && mayBeIn(reader, channel)
  })
  return new Map(allowed.slice(0, LIMITS.maxRooms))
}

/** Another person is there since they are; a room that was left and is entered again, since then. */
function keepSince(rooms: RoomsState, turn: Turn, wanted: ReadonlyMap<ChannelName, OwnTrack>): void {
  const operator = turn.people.current?.operator ?? null
  if (operator !== rooms.operator) rooms.since.clear()
  rooms.operator = operator
  for (const channel of rooms.since.keys()) if (!wanted.has(channel)) rooms.since.delete(channel)
  for (const channel of wanted.keys()) if (!rooms.since.has(channel)) rooms.since.set(channel, turn.now)
}

export function fits(value: unknown, maxBytes: number): boolean {
  const text = JSON.stringify(value ?? null)
  // In UTF-8 a unit of UTF-16 is three bytes at most; only what may be too much is counted.
  return text.length * 3 <= maxBytes || new TextEncoder().encode(text).length <= maxBytes
}
