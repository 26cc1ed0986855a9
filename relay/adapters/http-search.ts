import * as v from 'valibot'
import { SearchPage, type SearchQuery } from '../protocol/search.ts'
import type { SearchPort, SearchResult } from '../ports.ts'
import { problemIn, readJson, unreachable } from './http-answers.ts'
import { apiUrl } from './sync-url.ts'

/** How long the server may take to answer, milliseconds. */
const TIMEOUT_MS = 10_000

/** Asks `{server}/api/search`. Every answer is checked; what is not Andon's own is `unreachable`. */
export function httpSearch(options: { readonly serverUrl: string; readonly fetch?: typeof fetch }): SearchPort {
  const call = options.fetch ?? fetch

  async function find({ q, kinds, area, after }: SearchQuery, bearer: string): Promise<SearchResult> {
    const url = apiUrl(options.serverUrl, 'search')
    if (url === null) return unreachable()
    const asked = new URLSearchParams({
      q,
      ...(kinds !== undefined && { kinds: kinds.join(',') }),
      ...(area !== undefined && { area }),
      ...(after !== undefined && { after }),
    })
    let response: Response
    try {
      response = await call(`${url}?${asked}`, {
        headers: { Authorization: `Bearer ${bearer}`, Accept: 'application/json' },
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error', // a captive portal: never hand it a token
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
    } catch {
      return unreachable() // no route, no answer in time, a refused certificate: for the person all one
    }
    const answer = await readJson(response)
    if (!response.ok) return problemIn(response.status, answer)
    const parsed = v.safeParse(SearchPage, answer)
    return parsed.success ? { ok: true, value: parsed.output } : unreachable()
  }

  return { find }
}
