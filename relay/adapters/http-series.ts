import { SeriesPage, type SeriesQuery } from '../protocol/telemetry.ts'
import type { SeriesPort, SeriesResult } from '../ports.ts'
import { readAs, unreachable } from './http-answers.ts'
import { apiUrl } from './sync-url.ts'

/** Reads history below `{server}/api/telemetry`. */
export function httpSeries(options: { readonly serverUrl: string; readonly fetch?: typeof fetch }): SeriesPort {
  const call = options.fetch ?? fetch

  async function read(query: SeriesQuery, bearer: string): Promise<SeriesResult> {
    const { area, machine, signal, from, to, points } = query
    const url = apiUrl(options.serverUrl, `telemetry/${area}/${machine}/${signal}`)
    if (url === null) return unreachable()
    const asked = new URLSearchParams({ from, to, points: String(points) })
    return readAs(bearer, { url: `${url}?${asked}`, schema: SeriesPage, call })
  }

  return { read }
}
