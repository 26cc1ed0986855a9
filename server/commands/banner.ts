import { shownAddress } from '../adapters/postgres/shown-address.ts'
import type { Config } from '../config.ts'
import { DEMO_KEY, DEMO_OPERATORS } from '../http/demo-floor.ts'

/** What a person who started the server by hand wants to know. */
export function banner(url: string, { demo, data, database }: Pick<Config, 'demo' | 'data' | 'database'>): string {
  const lines = ['', 'Andon is running.', '', `  Open      ${url}`, `  Data      ${data}`]
  if (database !== null) lines.push(`  Store     ${shownAddress(database)}`)
  if (demo) {
    const people = DEMO_OPERATORS.map(
      ({ id, pin, role, areas }) => `${id} ${pin} (${role}, ${areas.includes('*') ? 'all areas' : areas.join(', ')})`,
    )
    lines.push(
      ...people.map((person, index) => `  ${index === 0 ? 'Sign in' : '       '}   ${person}`),
      '',
      '  Raise a P0 alert from another terminal:',
      `  curl -X POST ${url}/api/alerts -H 'Authorization: Bearer ${DEMO_KEY}' -H 'Content-Type: application/json' -d '{"priority":"P0","area":"line-3","title":"Evacuate line 3"}'`,
    )
  }
  return [...lines, '', '  Stop with Ctrl+C.', ''].join('\n')
}
