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
