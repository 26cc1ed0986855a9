import { afterEach, expect, it } from 'vitest'
import * as Y from 'yjs'
import { base64Of } from '../../../relay/documents/base64.ts'
import type { Answer, Documents } from '../../ports/documents.ts'
import { openDocuments } from './documents.ts'

let documents: Documents | null = null
let givenUp: string[] = []

function open(worker = '../../documents-worker.ts'): Documents {
  givenUp = []
  documents = openDocuments({
    worker: new URL(worker, import.meta.url),
    givenUp: (job, why) => givenUp.push(`${job}: ${why}`),
  })
  return documents
}
afterEach(() => documents?.close())

function found<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(answer.why)
  return answer.value
}

function note(...blocks: readonly string[]): Y.Doc {
  const doc = new Y.Doc()
  for (const words of blocks) {
    const block = new Y.XmlElement('block')
    doc.getXmlFragment('note').push([block])
    const text = new Y.XmlText()
    block.insert(0, [text])
    text.insert(0, words)
  }
  return doc
}

it('[J7] reads updates, texts and merges in threads of its own', async () => {
  const threads = open()
  const doc = note('oil is low', 'tool 4 changed')
  const update = base64Of(Y.encodeStateAsUpdate(doc))
  expect(await threads.inspect(update, 'a')).toMatchObject({
    value: { news: [[doc.clientID, 0, expect.any(Number)]] },
  })
  expect(await threads.inspect(base64Of(new TextEncoder().encode('garbage')), 'a')).toEqual({
    ok: false,
    why: 'refused',
  })
  expect(await threads.text([update], 'a')).toEqual({
    ok: true,
    // printf 'oil is low\ntool 4 changed' | sha256sum
    value: { hash: 'f84d19836c8012733da115c82f9e3810d0ca8d100b4771a855b3b35f16c748c2', isEmpty: false },
  })
  expect(await threads.words([update])).toEqual({ ok: true, value: 'oil is low\ntool 4 changed' })
  const parts = found(await threads.merge([update], { isAll: true, partBytes: 16 }))
  expect(parts.length).toBeGreaterThan(3)
  expect(parts.join('')).toBe(update)
  expect(givenUp).toEqual([])
})

it('[J2] says whether elements may stand where an update puts them', async () => {
  const threads = open()
  const doc = note('oil is low', 'tool 4 changed')
  const before = Y.encodeStateVector(doc)
  const whole = base64Of(Y.encodeStateAsUpdate(doc))
  const put = (change: () => void): Promise<boolean> => {
    change()
    const update = base64Of(Y.encodeStateAsUpdate(doc, before))
    return threads
      .inspect(update, 'a')
      .then(found)
      .then(async ({ places }) => {
        expect(places.length).toBeGreaterThan(0)
        return found(await threads.fits([whole], places, 'a'))
      })
  }
  const fragment = doc.getXmlFragment('note')
  expect(await put(() => fragment.insert(1, [new Y.XmlElement('block')]))).toBe(true)
  const [block] = fragment.toArray()
  if (!(block instanceof Y.XmlElement)) throw new Error('no block')
  expect(await put(() => block.insert(1, [new Y.XmlElement('block')]))).toBe(false)
})

it('[J8] writes a whole note without what was deleted in it', async () => {
  const threads = open()
  const doc = note('x'.repeat(10_000))
  doc.getXmlFragment('note').delete(0, 1)
  const [update = ''] = found(
    await threads.merge([base64Of(Y.encodeStateAsUpdate(doc))], { isAll: true, partBytes: 20_000 }),
  )
  expect(update.length).toBeLessThan(100)
})

it('[J7] gives up what takes too long or kills its thread, and goes on with the next', async () => {
  const threads = open('../../testing/busy-documents-worker.ts')
  const update = base64Of(Y.encodeStateAsUpdate(note('oil is low')))
  const answers = await Promise.all([
    threads.inspect('busy', 'a'),
    threads.inspect(update, 'a'),
    threads.inspect('dies', 'a'),
    threads.inspect(update, 'a'),
  ])
  const read = { ok: true, value: { bytes: expect.any(Number) } }
  expect(answers).toMatchObject([{ why: 'refused' }, read, { why: 'refused' }, read])
  expect(givenUp).toEqual(['inspect: it took too long', 'inspect: it took too long', 'inspect: 1', 'inspect: 1'])
})

it('[J7] reads again, in a thread that has read nothing before, what its thread did not survive', async () => {
  const threads = open('../../testing/busy-documents-worker.ts')
  const update = base64Of(Y.encodeStateAsUpdate(note('oil is low')))
  const answers = await Promise.all([threads.inspect(update, 'a'), threads.inspect('worn', 'a')])
  expect(answers).toMatchObject([{ ok: true }, { ok: true }])
  expect(givenUp).toEqual(['inspect: 1'])
})

it('[J7] says of what no thread came to read that it was not read, and not that it is bad', async () => {
  const update = base64Of(Y.encodeStateAsUpdate(note('oil is low')))
  const none = open('../../no-such-worker.ts')
  expect(await none.inspect(update, 'a')).toEqual({ ok: false, why: 'not-run' })
  expect(await none.text([update], 'a')).toEqual({ ok: false, why: 'not-run' })
  const threads = open('../../testing/busy-documents-worker.ts')
  const asked = [threads.inspect('busy', 'a'), threads.inspect(update, 'a')]
  await threads.close()
  expect(await Promise.all(asked)).toEqual(asked.map(() => ({ ok: false, why: 'not-run' })))
})

it('[J7] [P8] takes what waits of each source in turn: who sends a hundred holds up nobody', async () => {
  const threads = open()
  const update = base64Of(Y.encodeStateAsUpdate(note('oil is low')))
  const ended: string[] = []
  const ask = async (source: string): Promise<void> => {
    await threads.inspect(update, source)
    ended.push(source)
  }
  await Promise.all([...Array.from({ length: 100 }, () => ask('many')), ask('few'), ask('other')])
  expect(ended.indexOf('few')).toBeLessThan(4)
  expect(ended.indexOf('other')).toBeLessThan(5)
})
