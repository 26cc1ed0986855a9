import type { AfterWrite } from '../step/from-disk.ts'

/** A consequence that waits; `refusable`: it goes when the disk refuses its write. */
export interface Waiting {
  readonly token: number
  readonly done: AfterWrite
  readonly refusable: boolean
}

/** What waits for the disk (`ledger.ts`), and whether it takes what it is given. */
export interface Ledger {
  nextToken: number
  durable: number
  waiting: Waiting[]
  storage: 'working' | 'failing'
}
