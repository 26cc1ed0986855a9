import type { Place } from './schedule.ts'

/** Pino's number for `error`. */
const PINO_ERROR = 50
/** Different things that are told apart; a log that never repeats itself must not grow us. */
const MAX_KINDS = 50

/** One kind of error, how often it was logged, and the first line of it. */
export interface LoggedError {
  readonly name: string
  readonly count: number
  readonly first: string
}

/** Of a line, so much is kept. */
const MAX_LINE = 400

/** Counts what the programs log as an error, by the name of the event: they promise nothing about it, but people look. */
export class LogWatch {
  readonly #errors = new Map<string, LoggedError>()

  heard(place: Place, line: string): void {
    const event = errorIn(line)
    if (event === null) return
    const name = `${typeof place === 'number' ? 'relay' : 'server'} ${event}`
    const known = this.#errors.get(name)
    if (known !== undefined) this.#errors.set(name, { ...known, count: known.count + 1 })
    else if (this.#errors.size < MAX_KINDS) this.#errors.set(name, { name, count: 1, first: line.slice(0, MAX_LINE) })
  }

  get errors(): readonly LoggedError[] {
    return [...this.#errors.values()]
  }
}

/** The event an error line of either log is about; null for everything below an error. */
function errorIn(line: string): string | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'words' // not of the log: a stack, a sentence
  }
  if (typeof value !== 'object' || value === null) return null
  const { level, event } = value as { readonly level?: unknown; readonly event?: unknown }
  const isError = level === 'error' || (typeof level === 'number' && level >= PINO_ERROR)
  return isError ? String(event) : null
}
