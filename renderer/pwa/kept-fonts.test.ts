import { describe, expect, it } from 'vitest'
import { fontSlice } from './kept-fonts.ts'

/** One cache in memory, oldest first, and a network that counts. */
function browser({ isFull = false, status = 200 } = {}) {
  const kept = new Map<string, Response>()
  const fetched: string[] = []
  const cache = {
    match: (request: Request) => Promise.resolve(kept.get(request.url)?.clone()),
    keys: () => Promise.resolve([...kept.keys()].map((url) => new Request(url))),
    delete: (request: Request) => Promise.resolve(kept.delete(request.url)),
    put(request: Request, response: Response) {
      if (isFull) return Promise.reject(new DOMException('no room', 'QuotaExceededError'))
      kept.set(request.url, response)
      return Promise.resolve()
    },
  }
  const open = () => Promise.resolve(cache as unknown as Cache)
  const ask = async (slice: number) => {
    const response = await fontSlice(new Request(`http://localhost/assets/kr-${slice}.woff2`), open, (request) => {
      fetched.push(request.url)
      return Promise.resolve(new Response(`slice ${slice}`, { status }))
    })
    return response.text()
  }
  return { kept, fetched, ask }
}

describe('kept fonts', () => {
  it('fetches a slice once, and then needs no network', async () => {
    const { ask, fetched } = browser()
    expect([await ask(1), await ask(1), await ask(2)]).toEqual(['slice 1', 'slice 1', 'slice 2'])
    expect(fetched).toHaveLength(2)
  })

  it('keeps no more than so many, the oldest goes', async () => {
    const { ask, kept } = browser()
    for (let slice = 0; slice < 170; slice += 1) await ask(slice)
    expect(kept.size).toBe(160)
    expect([...kept.keys()][0]).toContain('kr-10.woff2')
  })

  it('shows the letters although the disk is full, and keeps no error', async () => {
    const full = browser({ isFull: true })
    expect(await full.ask(1)).toBe('slice 1')
    const failing = browser({ status: 404 })
    await failing.ask(1)
    expect(failing.kept.size).toBe(0)
  })
})
