/** In which rooms this device is, and what it says there: of this connection only, nothing of it is kept. */
import type { ChannelName } from '../../protocol/channels.ts'
import type { ClientFrameOf } from '../../protocol/frames.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { OwnTrack, TrackState } from '../../protocol/presence.ts'

/** What a window says; whether somebody can look at it is the device's to know. */
export type WindowTrack = Omit<TrackState, 'agoMs' | 'state'>

export interface RoomsState {
  readonly ofHost: Map<ChannelName, OwnTrack>
  /** By port; the window that spoke last is the last. */
  readonly ofWindows: Map<number, ReadonlyMap<ChannelName, WindowTrack>>
  /** Since when this device is in each room with this person, monotonic. */
  readonly since: Map<ChannelName, number>
  /** Who that is. */
  operator: string | null
  /** What was said on the connection of `generation`, as JSON; nothing of a room where that is to be said anew. */
  said: { readonly generation: number; readonly rooms: Map<ChannelName, string> } | null
  /** Rooms that had no place, and when each is asked again, monotonic. */
  readonly full: Map<ChannelName, number>
  /** Nothing more is said of rooms before then, monotonic. */
  notBefore: number
  /** When what waits for that is said; null when nothing does. */
  due: number | null
  /** This machine is about to sleep: nothing more is said before then, monotonic; null while it is not. */
  asleepUntil: number | null
  /** Something may have to be said. */
  dirty: boolean
  /** What it depended on when it was said last. */
  seen: {
    readonly attention: string
    readonly session: SessionId | undefined
    readonly role: string | undefined
    /** The list itself: it is another one where it was said anew. */
    readonly areas: readonly string[] | undefined
    readonly boundOn: number | null
    readonly site: object
  } | null
  /** By room and key the signal that waits for its turn: the latest counts. */
  readonly waiting: Map<string, ClientFrameOf<'signal'>>
  /** As whom they were said; null while nobody was signed in. */
  waitingOf: SessionId | null
  /** When the next signal may go, monotonic. */
  signalAt: number
}
