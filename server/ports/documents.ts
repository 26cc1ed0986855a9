/** What reads documents (Yjs) for the server: somewhere else than where its commands are decided. */
/**
 * What an update says and what it builds on. `news`: per writer's copy the changes it brings, from (included) to (excluded), counted
 * as Yjs counts them. `needs`: per copy how many changes must be there, of the update itself and before.
 */
export interface UpdateFacts {
  readonly news: readonly (readonly [client: number, from: number, to: number])[]
  readonly needs: readonly (readonly [client: number, upTo: number])[]
  readonly bytes: number
}

/**
 * Where an update puts an element, as far as its note has to be known for it: beside this change, or in it. A block has to stand
 * beside a block of the note, what goes in one beside another or in a block.
 */
export type Place = readonly [client: number, clock: number, is: 'beside-block' | 'beside-inline' | 'inside']

/** The same, and where elements go that the update brings, as far as the rest of its note has to be known for it. */
export interface Inspected extends UpdateFacts {
  readonly places: readonly Place[]
}

/** The text of a document as people read it, and its SHA-256 in hexadecimal. */
export interface TextFacts {
  readonly hash: string
  readonly isEmpty: boolean
}

/**
 * What became of a question. `refused`: the bytes are no update, or cost more of a processor than a document of the largest size
 * would. `not-run`: nobody came to read them, which says nothing of them.
 */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: 'refused' | 'not-run' }

/**
 * Every update is base64. Nothing is kept between two questions. What waits is taken of each `source` in turn, so that whoever
 * asks much waits for itself (P8).
 */
export interface Documents {
  inspect(update: string, source: string): Promise<Answer<Inspected>>
  /** Whether elements may stand in these places of the note that these updates are. */
  fits(updates: readonly string[], places: readonly Place[], source: string): Promise<Answer<boolean>>
  /** Of everything that these updates say together. */
  text(updates: readonly string[], source: string): Promise<Answer<TextFacts>>
  /** The same text itself. Nobody's command waits for it. */
  words(updates: readonly string[]): Promise<Answer<string>>
  /** One update in place of these, cut into parts of at most `partBytes` bytes. `isAll`: they are the whole document, so what was deleted goes. */
  merge(
    updates: readonly string[],
    how: { readonly isAll: boolean; readonly partBytes: number },
  ): Promise<Answer<readonly string[]>>
  close(): Promise<void>
}

/** What a command brings that was found out about it before it reached the store; by the command's type. */
export type CommandFacts =
  | { readonly of: 'update'; readonly update: UpdateFacts | null }
  /** `changes`: of the note's book when its pieces were read. */
  | { readonly of: 'text'; readonly text: TextFacts | null; readonly changes: number }
