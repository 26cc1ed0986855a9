import * as v from 'valibot'
import { SeriesPage, type SeriesQuery } from '../protocol/telemetry.ts'
import type { SeriesPort, SeriesResult } from '../ports.ts'
import { problemIn, readJson, unreachable } from './http-answers.ts'
import { apiUrl } from './sync-url.ts'

/** How long the server may take to answer, milliseconds. */
const TIMEOUT_MS = 10_000

/** Reads history below `{server}/api/telemetry`. Every answer is checked; what is not Andon's own is `unreachable`. */
export function httpSeries(options: { readonly serverUrl: string; readonly fetch?: typeof fetch }): SeriesPort {
  const call = options.fetch ?? fetch

  async function read(query: SeriesQuery, bearer: string): Promise<SeriesResult> {
    const { area, machine, signal, from, to, points } = query
    const url = apiUrl(options.serverUrl, `telemetry/${area}/${machine}/${signal}`)
    if (url === null) return unreachable()
    const search = new URLSearchParams({ from, to, points: String(points) })
    let response: Response
    try {
      response = await call(`${url}?${search}`, {
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
    const parsed = v.safeParse(SeriesPage, answer)
    return parsed.success ? { ok: true, value: parsed.output } : unreachable()
  }

  return { read }
}
