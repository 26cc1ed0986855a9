import { expect, test } from 'vitest'
import { deviceMemory, MAX_OPERATORS } from './device-memory.ts'

function makeStorage(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>()
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) }
}

test('the last to sign in stands first, once, and only as many as fit are kept', () => {
  const memory = deviceMemory(makeStorage())
  for (let n = 0; n < MAX_OPERATORS + 2; n++) memory.rememberOperator(`op-${n}`)
  memory.rememberOperator('op-5')
  expect(memory.operators()).toEqual(['op-5', 'op-7', 'op-6', 'op-4', 'op-3', 'op-2'])
})

test('what somebody else wrote into the storage is not taken for a name', () => {
  const storage = makeStorage()
  storage.setItem('andon.operators', 'kim <img> LEE')
  expect(deviceMemory(storage).operators()).toEqual(['kim'])
})

test('the language is what was chosen here, else the first of the browser that there are words in, else English', () => {
  const storage = makeStorage()
  expect(deviceMemory(storage, ['fr-CA', 'ko-KR', 'en']).language()).toBe('ko')
  expect(deviceMemory(storage, ['fr']).language()).toBe('en')
  deviceMemory(storage).rememberLanguage('en')
  expect(deviceMemory(storage, ['ko']).language()).toBe('en')
  storage.setItem('andon.language', 'xx')
  expect(deviceMemory(storage, ['ko']).language()).toBe('ko')
})

test('a browser that refuses storage remembers nothing and breaks nothing', () => {
  const refuse = (): never => {
    throw new DOMException('denied', 'SecurityError')
  }
  const memory = deviceMemory({ getItem: refuse, setItem: refuse })
  memory.rememberArea('line-3')
  expect(memory.area()).toBeNull()
})

test('which values stand for a line is kept as it was chosen', () => {
  const storage = makeStorage()
  const chosen = new Map([
    ['line-3', ['press-2/force', 'oil/temperature']],
    ['line-1', ['press-1/strokes']],
  ])
  expect(deviceMemory(storage).values()).toEqual(new Map())
  deviceMemory(storage).rememberValues(chosen)
  expect(deviceMemory(storage).values()).toEqual(chosen)
  storage.setItem('andon.values', '{"line-3":null}')
  expect(deviceMemory(storage).values()).toEqual(new Map())
})
