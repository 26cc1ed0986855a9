import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfirmedCommits } from './lineage.ts'
import type { WriterName } from './writer-row.ts'

const NAME = 'andon.commits'
/** Each line has its place, so that one is written over in one piece: name, number and a line end. */
const NUMBER_LENGTH = 16
const LINE = /^([0-9a-f-]{36}) +(\d{1,16})$/
/** Writers of this run and of the last ones before it: two in each. */
const MAX_WRITERS = 32

/**
 * What this node confirmed, in a file of its data folder: it outlives the process, and the database. Written with each group and
 * not fsynced: after a power cut of this machine it may be behind, never ahead, of what was confirmed.
 */
export class CommitFile implements ConfirmedCommits {
  readonly #path: string
  readonly #failed: (cause: unknown) => void
  /** By writer, in the order of their lines. */
  #known: Map<WriterName, number>
  #file: number | null = null
  #isFailing = false

  constructor(folder: string, failed: (cause: unknown) => void) {
    this.#path = join(folder, NAME)
    this.#failed = failed
    this.#known = read(this.#path)
  }

  confirmed(writer: WriterName, commits: number): void {
    const isNew = !this.#known.has(writer)
    this.#known.set(writer, commits)
    try {
      if (isNew) this.#begin()
      const line = [...this.#known.keys()].indexOf(writer)
      const text = lineOf(writer, commits)
      writeSync((this.#file ??= openSync(this.#path, 'r+')), text, line * text.length)
      this.#isFailing = false
    } catch (cause) {
      if (!this.#isFailing) this.#failed(cause)
      this.#isFailing = true
    }
  }

  known(): Promise<ReadonlyMap<WriterName, number>> {
    return Promise.resolve(new Map(this.#known))
  }

  keep(writers: ReadonlySet<WriterName>): Promise<void> {
    const kept = [...this.#known].filter(([writer]) => writers.has(writer))
    if (kept.length < this.#known.size) {
      this.#known = new Map(kept)
      this.#begin()
    }
    return Promise.resolve()
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  /** Anew, with what is known. */
  #begin(): void {
    this.close()
    const known = [...this.#known].slice(-MAX_WRITERS)
    this.#known = new Map(known)
    writeFileSync(this.#path, known.map(([writer, commits]) => lineOf(writer, commits)).join(''), { mode: 0o600 })
  }
}

function lineOf(writer: WriterName, commits: number): string {
  return `${writer} ${String(commits).padStart(NUMBER_LENGTH)}\n`
}

function read(path: string): Map<WriterName, number> {
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    // Missing at the first start: then nothing is known, and nothing is claimed.
  }
  const known = new Map<WriterName, number>()
  for (const line of text.split('\n')) {
    const [, writer, commits] = LINE.exec(line) ?? []
    if (writer !== undefined) known.set(writer, Number(commits))
  }
  return known
}
