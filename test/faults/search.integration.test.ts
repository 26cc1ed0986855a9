/** A server that is killed while it looks through what was said: nothing is missing in its search, and nothing is there twice. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SearchPage } from '../../relay/protocol/search.ts'
import { type Program, freePort, startRelay, startServer } from '../support/processes.ts'

const MESSAGES = 400
/** The server is killed after each so many. */
const LIFE = 90

let root = ''
let port = 0
let server: Program | null = null
let relay: Program | null = null

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'andon-search-'))
  port = await freePort()
})
afterEach(async () => {
  await Promise.all([relay?.kill(), server?.kill()])
  await rm(root, { recursive: true, force: true })
})

const start = async () => (server = (await startServer(join(root, 'server'), port)).program)

async function page(after: string | null): Promise<SearchPage> {
  const query = new URLSearchParams({ q: '금형', ...(after !== null && { after }) })
  const response = await fetch(`http://127.0.0.1:${port}/api/search?${query}`, {
    headers: { authorization: 'Bearer demo-key' },
  })
  expect(response.status).toBe(200)
  return (await response.json()) as SearchPage
}

it('[Q5] finds every message once after any number of kills', async () => {
  await start()
  relay = startRelay({
    url: `http://127.0.0.1:${port}`,
    folder: join(root, 'relay'),
    user: ['kim', '1111'],
    extra: ['--linger'],
  })
  const said = new Set<string>()
  for (let index = 0; index < MESSAGES; index += 1) {
    const text = `금형 ${index}번`
    said.add(text)
    relay.send({ ref: `r${index}`, command: 'chat.post', data: { line: 'line-3', text } })
    if (index % LIFE !== LIFE - 1) continue
    await relay.until((line) => line.kind === 'saved' && line['ref'] === `r${index}`)
    await server?.kill()
    await start()
    // It has begun to look through the store, which it does at once, and asked in the middle of it.
    await page(null)
  }
  await relay.until((line) => line.kind === 'result' && line['ref'] === `r${MESSAGES - 1}`)
  const found: string[] = []
  let after: string | null = null
  do {
    const { hits, next } = await page(after)
    found.push(...hits.map(({ text }) => text.text))
    after = next
  } while (after !== null)
  expect(found.toSorted()).toEqual([...said].toSorted())
})
