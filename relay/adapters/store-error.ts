/** Why a store cannot serve. Programs decide on the code; `message` is a sentence that says what to do. */
export type StoreErrorCode =
  /** Another relay has it open. */
  | 'storage-busy'
  /** It was ours, and a newer relay took it over: nothing more may be written. */
  | 'storage-taken'
  /** Unreadable: damaged, or not a database. */
  | 'storage-corrupt'
  /** Written by a newer Andon. */
  | 'storage-newer'
  /** A database of another program. */
  | 'storage-foreign'
  | 'storage-closed'
  /** The disk is full, or the browser gives no more room. */
  | 'storage-full'
  /** The browser lets this site keep nothing: its data is blocked, by a person or by whoever manages the device. */
  | 'storage-denied'
  /** No permission, broken disk, dead worker. */
  | 'storage-failed'

/** What every store of this folder rejects with; `cause` is the library's own error where there is one. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
