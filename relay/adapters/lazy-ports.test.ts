import { expect, it } from 'vitest'
import { EPOCH } from '../domain/testing/samples.ts'
import type { SearchPage } from '../protocol/search.ts'
import type { PastPage } from '../protocol/talk-past.ts'
import { MemoryAttachments } from '../testing/memory-attachments.ts'
import { ModelAttachments } from '../testing/model-attachments.ts'
import { lazyAttachments, lazyFiles, lazySearch } from './lazy-ports.ts'

const PAST: PastPage = { epoch: EPOCH, events: [], first: 1 }
const FOUND: SearchPage = { hits: [], next: null, isWhole: true }

it('loads what is asked once, and again after it could not be loaded', async () => {
  let loads = 0
  const search = lazySearch(() => {
    loads += 1
    if (loads === 1) return Promise.reject(new Error('no network'))
    return Promise.resolve({
      find: () => Promise.resolve({ ok: true, value: FOUND }),
      past: () => Promise.resolve({ ok: true, value: PAST }),
    })
  })
  await expect(search.find({ q: 'oil' }, 'token')).rejects.toThrow('no network')
  expect(await search.find({ q: 'oil' }, 'token')).toEqual({ ok: true, value: FOUND })
  await search.find({ q: 'oil' }, 'token')
  expect(await search.past({ line: 'line-3', before: 1 }, 'token')).toEqual({ ok: true, value: PAST })
  expect(loads).toBe(2)
})

it('closes without a word what could not be loaded', async () => {
  const store = lazyAttachments<MemoryAttachments & { close(): Promise<void> }>(() => Promise.reject(new Error('no')))
  await expect(store.list()).rejects.toThrow('no')
  await store.close()
})

it('closes only what was opened', async () => {
  let closed = 0
  const load = () => Promise.resolve(Object.assign(new MemoryAttachments(), { close: async () => void (closed += 1) }))
  await lazyAttachments(load).close()
  expect(closed).toBe(0)
  const store = lazyAttachments(load)
  await store.keep(new Uint8Array([1]))
  await store.close()
  expect(closed).toBe(1)
})

it('holds what is loaded later, and loads nothing for that', async () => {
  const model = new ModelAttachments()
  let loads = 0
  const files = lazyFiles(() => {
    loads += 1
    return Promise.resolve(model)
  })
  files.hold(true)
  expect(loads).toBe(0)
  const place = { line: 'line-3', id: '01900000-0000-7000-8000-000000000001', hash: 'ab' } as never
  await files.read(place, 'whole', 'token')
  expect(model.isHeld).toBe(true)
  files.hold(false)
  expect(model.isHeld).toBe(false)
})
