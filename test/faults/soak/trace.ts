import { createWriteStream, type WriteStream } from 'node:fs'
import type { Line } from '../../support/processes.ts'
import type { Place } from './schedule.ts'

/** What was heard and done, with the milliseconds since the beginning: to look into afterwards, never to decide on. */
export class Trace {
  readonly #file: WriteStream | null
  readonly #began = performance.now()

  constructor(path: string | null) {
    this.#file = path === null ? null : createWriteStream(path)
  }

  /** Events without their data, which is most of their bytes and none of their story. */
  heard(place: Place, { data, ...line }: Line): void {
    this.#write({ place, ...line, ...(line.kind !== 'event' && line.kind !== 'snapshot' && { data }) })
  }
  logged(place: Place, log: string): void {
    this.#write({ place, log })
  }
  did(what: string): void {
    this.#write({ did: what })
  }

  async close(): Promise<void> {
    const file = this.#file
    if (file !== null) await new Promise<void>((resolve) => file.end(resolve))
  }

  #write(entry: object): void {
    this.#file?.write(`${JSON.stringify({ ms: Math.round(performance.now() - this.#began), ...entry })}\n`)
  }
}
