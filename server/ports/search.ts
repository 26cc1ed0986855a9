/**
 * Finding again what was said and written: an index beside the truth, made from the store and made anew where it is missing,
 * damaged or of another store. Nothing durable waits for it.
 */
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { Epoch, Incarnation } from '../../relay/protocol/ids.ts'
import type { SearchHit, SearchKind } from '../../relay/protocol/search.ts'
import type { Position } from './store-reader.ts'

/** One thing that can be found. `channel`: whoever may read it may find this; `offset`: of the event that it is made of. */
export interface SearchItem {
  readonly kind: SearchKind
  readonly id: string
  readonly channel: ChannelName
  readonly offset: number
  readonly area: string
  readonly at: string
  readonly by: string
  /** Empty where it has none. */
  readonly title: string
  readonly text: string
  /** Of a work order; null elsewhere. */
  readonly number: string | null
  /** It stands in the store, however old its events are; what does not stand goes with them. */
  readonly isStanding: boolean
}

/** What the index is told, in the order of each channel. What is older than what it has of the same thing changes nothing. */
export type SearchChange =
  | { readonly kind: 'put'; readonly item: SearchItem }
  /** It is gone: its text leaves the file, too. */
  | { readonly kind: 'drop'; readonly of: SearchKind; readonly id: string }
  /** It does not stand any more; it is found as long as its events are kept. */
  | {
      readonly kind: 'ended'
      readonly of: SearchKind
      readonly id: string
      readonly channel: ChannelName
      readonly offset: number
    }
  /** Nothing of this channel is known any more, and its cursor is forgotten. */
  | { readonly kind: 'forget'; readonly channel: ChannelName }
  /** Events of this channel up to `offset` are not kept any more, and what was made of them and does not stand goes. */
  | { readonly kind: 'expire'; readonly channel: ChannelName; readonly offset: number }

/** How far a channel is indexed. */
export interface SearchCursor {
  readonly channel: ChannelName
  readonly epoch: Epoch
  readonly offset: number
}

/** What one transaction brings. */
export interface SearchBatch {
  readonly changes: readonly SearchChange[]
  readonly cursor?: SearchCursor
  readonly position?: Position
}

/** From where the index goes on: null and empty where it begins. */
export interface SearchState {
  readonly position: Position | null
  readonly cursors: readonly SearchCursor[]
}

export interface SearchQuestion {
  readonly q: string
  /** Where whoever asks may read at this moment: only there it is looked. */
  readonly channels: readonly ChannelName[]
  readonly area: string | null
  readonly after: string | null
}

/** `unsearchable`: there is nothing in it to look for. */
export type SearchFound =
  | { readonly kind: 'page'; readonly hits: readonly SearchHit[]; readonly next: string | null }
  | { readonly kind: 'unsearchable' }

export interface SearchIndex {
  /** From where it goes on for this store; of another one it forgets everything. */
  begin(incarnation: Incarnation): Promise<SearchState>
  /** Whole or not at all. */
  write(batch: SearchBatch): Promise<void>
  /** Sees everything that was written before. */
  find(question: SearchQuestion): Promise<SearchFound>
  counts(): Promise<{ readonly items: number; readonly bytes: number }>
  close(): Promise<void>
}

/** What answers whoever asks. `isWhole`: false as long as what is older is still being looked through. Rejects while the index cannot be read. */
export interface SearchFinder {
  find(question: SearchQuestion): Promise<SearchFound & { readonly isWhole: boolean }>
  /** What there is to be found, and how many bytes its texts have. */
  counts(): ReturnType<SearchIndex['counts']>
}

// ------------------------------------------------------------------------------- what decides inside the index's thread

/** The core's decisions; the thread that owns the file is composed of both. */
export interface SearchRules {
  /** Of what `gramsOf` gives, and of what an item is made of: an index made by other rules is made anew. */
  readonly version: number
  /** Things in one area and of one kind, in all, and bytes of all their texts: what is oldest goes. */
  readonly maxItemsPerScope: number
  readonly maxItems: number
  readonly maxBytes: number
  /** Characters of one thing that are looked at. */
  readonly maxTextLength: number
  /** Things that one question looks at before it answers with what it has. */
  readonly maxLookedAt: number
  readonly pageSize: number
  /** The pieces of words by which a text is found: each of at most three characters. */
  readonly gramsOf: (text: string) => ReadonlySet<string>
  /** Null where there is nothing to look for. `grams`: whatever holds the words has all of them. */
  readonly termsOf: (q: string) => SearchTerms | null
  /** As numbers of orders are compared. */
  readonly fold: (text: string) => string
  /** What is shown of it, or null where one of the words is not there. */
  readonly hitOf: (
    item: Pick<SearchItem, 'kind' | 'id' | 'area' | 'at' | 'by' | 'title' | 'text'>,
    terms: SearchTerms,
  ) => SearchHit | null
}

export interface SearchTerms {
  readonly words: readonly string[]
  readonly grams: readonly string[]
  /** The whole question, folded. */
  readonly whole: string
}
