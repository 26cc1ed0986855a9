/** What people and programs ask for in words, and what they are answered (`GET /api/search`, server rules Q1–Q9). */
import * as v from 'valibot'
import { Segment } from './ids.ts'
import { LIMITS } from './limits.ts'

/** What is found. `of`: the domain whose channels it is read in, so whose readers may find it. */
export const SEARCH_KINDS = ['chat', 'orders', 'alerts', 'notes'] as const
export const SearchKind = v.picklist(SEARCH_KINDS)
export type SearchKind = v.InferOutput<typeof SearchKind>

/** Where a page goes on: the server's own words, 16 digits at most. */
const After = v.pipe(v.string(), v.regex(/^\d{1,16}$/, 'must be the "next" of a page'))

/** `kinds` and `area` narrow it; `after` is the `next` of the page before. */
export const SearchQuery = v.strictObject({
  q: v.pipe(
    v.string(),
    v.maxLength(LIMITS.maxSearchText, `must not have more than ${LIMITS.maxSearchText} characters`),
  ),
  kinds: v.optional(v.pipe(v.array(SearchKind), v.minLength(1), v.maxLength(SEARCH_KINDS.length))),
  area: v.optional(Segment),
  after: v.optional(After),
})
export type SearchQuery = v.InferOutput<typeof SearchQuery>

const Place = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** A piece of a text, and the places of what was asked for in it: from (included) to (excluded) in UTF-16 code units, in order and apart. */
export const Marked = v.strictObject({
  text: v.pipe(v.string(), v.maxLength(LIMITS.maxSnippet + 2)),
  marks: v.pipe(v.array(v.tuple([Place, Place])), v.maxLength(LIMITS.maxMarks)),
})
export type Marked = v.InferOutput<typeof Marked>

/**
 * Something that was found. `id`: of the message (the command that said it), the order, the alert; of a note the key of its record.
 * `by` wrote it, or changed it last, `at` this time. `title` is null for a message.
 */
export const SearchHit = v.strictObject({
  kind: SearchKind,
  area: Segment,
  id: v.pipe(v.string(), v.maxLength(160)),
  at: v.string(),
  by: v.string(),
  title: v.nullable(Marked),
  text: Marked,
})
export type SearchHit = v.InferOutput<typeof SearchHit>

/** The order whose number is just what was asked for first, else the newest first. `next`: null where there is nothing more. `isWhole`: false as long as what is older is still being looked through. */
export const SearchPage = v.strictObject({
  hits: v.pipe(v.array(SearchHit), v.maxLength(2 * LIMITS.maxSearchHits)),
  next: v.nullable(After),
  isWhole: v.boolean(),
})
export type SearchPage = v.InferOutput<typeof SearchPage>
