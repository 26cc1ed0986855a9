import { SearchPage, type SearchQuery } from '../protocol/search.ts'
import { PastPage, type PastQuery } from '../protocol/talk-past.ts'
import type { PastResult, SearchPort, SearchResult } from '../ports.ts'
import { readAs, unreachable } from './http-answers.ts'
import { apiUrl } from './sync-url.ts'

/** Asks `{server}/api/search`, and `{server}/api/chat/{line}` for what was said before. */
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
    return readAs(bearer, { url: `${url}?${asked}`, schema: SearchPage, call })
  }

  async function past({ line, before }: PastQuery, bearer: string): Promise<PastResult> {
    const url = apiUrl(options.serverUrl, `chat/${encodeURIComponent(line)}`)
    if (url === null) return unreachable()
    return readAs(bearer, { url: `${url}?before=${before}`, schema: PastPage, call })
  }

  return { find, past }
}
