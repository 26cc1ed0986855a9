import { describe, expect, it } from 'vitest'
import type { ApiKeyRow } from '../../ports/site.ts'
import { keepSite } from './kept-site.ts'

const KEY: ApiKeyRow = { id: 'scada', name: 'scada', hash: 'h', role: 'operator', areas: ['line-1'] }

/** A store of one key and some areas, and how often it was asked. */
function site() {
  const stored = { areas: ['line-1'], key: KEY, isBusy: false, asked: 0 }
  const ask = <T>(answer: T): Promise<T> => {
    stored.asked += 1
    return stored.isBusy ? Promise.reject(new Error('busy')) : Promise.resolve(answer)
  }
  const kept = keepSite({
    areas: () => ask([...stored.areas]),
    addArea: (area) => ask(void stored.areas.push(area)),
    apiKeyByHash: (hash) => ask(hash === stored.key.hash ? stored.key : null),
    putApiKey: (row) => ask(void (stored.key = row)),
  })
  return { kept, stored }
}

describe('what is kept of the site', () => {
  it('is asked once, and anew once it was changed', async () => {
    const { kept, stored } = site()
    for (let times = 0; times < 3; times += 1) {
      expect(await kept.apiKeyByHash('h')).toEqual(KEY)
      expect(await kept.areas()).toEqual(['line-1'])
    }
    expect(stored.asked).toBe(2)
    await kept.putApiKey({ ...KEY, areas: ['line-2'] })
    await kept.addArea('line-2')
    expect(await kept.apiKeyByHash('h')).toMatchObject({ areas: ['line-2'] })
    expect(await kept.areas()).toEqual(['line-1', 'line-2'])
  })

  it('is no key that there is not, and no failure', async () => {
    const { kept, stored } = site()
    stored.isBusy = true
    await expect(kept.areas()).rejects.toThrow('busy')
    await expect(kept.apiKeyByHash('h')).rejects.toThrow('busy')
    stored.isBusy = false
    expect([await kept.areas(), await kept.apiKeyByHash('other'), await kept.apiKeyByHash('other')]).toEqual([
      ['line-1'],
      null,
      null,
    ])
    expect(stored.asked).toBe(5)
    expect(await kept.apiKeyByHash('h')).toEqual(KEY)
  })
})
