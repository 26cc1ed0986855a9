import type { Ledger } from '../disk/slice.ts'
import type { FilesState } from '../files/slice.ts'
import type { LinkState } from '../link/slice.ts'
import type { PeopleState } from '../people/slice.ts'
import type { BusState } from '../tell/slice.ts'
import type { Effect } from './effects.ts'
import type { Sealed } from './sealed.ts'

/** When an input happens, and chance for it. `now` is monotonic, `wall` is for people's eyes; `chance` is uniform in [0, 1). */
export interface Moment {
  readonly now: number
  readonly wall: number
  readonly chance: number
}

/** Who is at this device, and how it is linked, as it is at this point of the step: every part may read it. */
export interface Reader {
  readonly link: Sealed<LinkState>
  readonly people: Sealed<PeopleState>
}

/**
 * One call of `step`: its moment, what every part may read, and what every part may leave behind: effects in order, saves
 * (`save`), announcements (`announce`), files of messages (`takeFiles`).
 */
export interface Turn extends Moment, Reader {
  readonly effects: Effect[]
  readonly ledger: Sealed<Ledger>
  readonly bus: Sealed<BusState>
  readonly files: Sealed<FilesState>
}
