import { expect, it } from 'vitest'
import type { Write } from '../../ports.ts'
import { addSave, batchFailed, batchWritten, isDrained, newSaveQueue, resume, takeBatch } from './save-queue.ts'

const put = (key: string): Write => ({ op: 'put', table: 'meta', key, value: key })
const keys = (writes: readonly Write[] | null) => writes?.map((write) => ('key' in write ? write.key : write.from))

it('[R10] groups what gathers while a batch is written, in order', () => {
  const queue = newSaveQueue()
  addSave(queue, { token: 1, writes: [put('a')], onFailure: 'retry' })
  expect(keys(takeBatch(queue))).toEqual(['a'])
  addSave(queue, { token: 2, writes: [put('b')], onFailure: 'refuse' })
  addSave(queue, { token: 3, writes: [put('c')], onFailure: 'retry' })
  expect(takeBatch(queue)).toBeNull()
  expect(batchWritten(queue)).toBe(1)
  expect(keys(takeBatch(queue))).toEqual(['b', 'c'])
  expect(isDrained(queue)).toBe(false)
  expect(batchWritten(queue)).toBe(3)
  expect(isDrained(queue)).toBe(true)
})

it('[R10] drops after a failure exactly what somebody waits for, and writes the rest after the pause', () => {
  const queue = newSaveQueue()
  addSave(queue, { token: 1, writes: [put('a')], onFailure: 'retry' })
  addSave(queue, { token: 2, writes: [put('b')], onFailure: 'refuse' })
  takeBatch(queue)
  addSave(queue, { token: 3, writes: [put('c')], onFailure: 'refuse' })
  addSave(queue, { token: 4, writes: [put('d')], onFailure: 'retry' })
  batchFailed(queue)
  expect(takeBatch(queue)).toBeNull()
  resume(queue)
  expect(keys(takeBatch(queue))).toEqual(['a', 'd'])
  expect(batchWritten(queue)).toBe(4)
})

it('[R10] tries a failing disk at once when a person waits', () => {
  const queue = newSaveQueue()
  addSave(queue, { token: 1, writes: [put('a')], onFailure: 'retry' })
  takeBatch(queue)
  batchFailed(queue)
  addSave(queue, { token: 2, writes: [put('b')], onFailure: 'retry' })
  expect(takeBatch(queue)).toBeNull()
  addSave(queue, { token: 3, writes: [put('c')], onFailure: 'refuse' })
  expect(keys(takeBatch(queue))).toEqual(['a', 'b', 'c'])
})
