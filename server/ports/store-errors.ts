/** A store that cannot be opened; `message` says what to do. */
export class StoreOpenError extends Error {
  readonly code:
    | 'database-unwritable'
    | 'database-corrupt'
    | 'database-missing'
    | 'database-newer'
    | 'database-busy'
    | 'database-demo'
    | 'database-unreachable'
    | 'database-refused'
    | 'database-old'
    | 'database-other'
  constructor(code: StoreOpenError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreOpenError'
    this.code = code
  }
}

/**
 * The disk did not take a write. Nothing of the call has happened, and later the same may succeed; calls that only read do not
 * meet it.
 */
export class StoreUnavailable extends Error {
  constructor(message = 'The database did not take the write.') {
    super(message)
    this.name = 'StoreUnavailable'
  }
}

/** A node whose clock is further from its database's is not ready, milliseconds: its log and its certificates are of another time. */
export const MAX_APART_MS = 5_000

/** This machine has another time than its database; `message` says what to do. */
export class ClocksApart extends Error {
  /** `aheadMs`: of this machine, milliseconds. */
  constructor(aheadMs: number) {
    const seconds = Math.round(Math.abs(aheadMs) / 1_000)
    const where = aheadMs > 0 ? 'ahead of' : 'behind'
    super(`The clock of this server is ${seconds} s ${where} that of its database; let both follow a time server.`)
    this.name = 'ClocksApart'
  }
}
