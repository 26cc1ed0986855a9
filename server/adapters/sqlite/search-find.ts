import type { SearchHit } from '../../../relay/protocol/search.ts'
import type { SearchFound, SearchQuestion, SearchRules, SearchTerms } from '../../ports/search.ts'
import type { ItemRow, SearchSql } from './search-sql.ts'

interface Asked {
  readonly sql: SearchSql
  readonly rules: SearchRules
  readonly question: SearchQuestion
}

/**
 * One page. The scopes that whoever asks may read are part of what the index is asked for, so what they may not read costs
 * nothing, counts nothing and shows in nothing (Q3).
 */
export function findIn({ sql, rules, question }: Asked): SearchFound {
  const terms = rules.termsOf(question.q)
  if (terms === null) return { kind: 'unsearchable' }
  const channels = new Set<string>(question.channels)
  const all = sql.scopes.all()
  const readable = all.filter(
    ({ channel, area }) => channels.has(channel) && (question.area === null || area === question.area),
  )
  if (readable.length === 0) return { kind: 'page', hits: [], next: null }
  const scopes = new Set(readable.map(({ id }) => id))
  const exact = ofNumber(sql, terms.whole, { scopes, rules })
  const isExact = new Set(exact.map(({ id }) => id))
  const hits: SearchHit[] = []
  if (question.after === null) hits.push(...exact.flatMap((row) => hitOf(rules, row, terms) ?? []))
  const full = hits.length + rules.pageSize
  const pieces = matchOf(terms, readable.length === all.length ? null : scopes)
  let lookedAt = 0
  let last = question.after === null ? Number.MAX_SAFE_INTEGER : Number(question.after)
  for (const row of sql.withPieces.iterate(pieces, last)) {
    if (hits.length === full || lookedAt === rules.maxLookedAt) return { kind: 'page', hits, next: String(last) }
    lookedAt += 1
    last = row.id
    if (isExact.has(row.id)) continue
    const hit = hitOf(rules, row, terms)
    if (hit !== null) hits.push(hit)
  }
  return { kind: 'page', hits, next: null }
}

/** Orders of just this number, a page at most. */
function ofNumber(
  sql: SearchSql,
  number: string,
  { scopes, rules }: { readonly scopes: ReadonlySet<number>; readonly rules: SearchRules },
): readonly ItemRow[] {
  const rows: ItemRow[] = []
  for (const row of sql.ofNumber.iterate(number)) {
    if (rows.length === rules.pageSize) break
    if (scopes.has(row.scope)) rows.push(row)
  }
  return rows
}

function hitOf(
  rules: SearchRules,
  { kind, key, area, at, by, title, text }: ItemRow,
  terms: SearchTerms,
): SearchHit | null {
  return rules.hitOf({ kind, id: key, area, at, by, title, text }, terms)
}

/** Every piece in quotes, so that nothing of a question is an operator of the index. Pieces are letters and digits only. */
function matchOf({ grams }: SearchTerms, scopes: ReadonlySet<number> | null): string {
  const pieces = grams.map((gram) => `"${gram}"`).join(' AND ')
  if (scopes === null) return pieces
  return `(${[...scopes].map((id) => `"scope${id}"`).join(' OR ')}) AND ${pieces}`
}
