import { expect, it } from 'vitest'
import { validate, version } from 'uuid'
import { EventIds } from './event-ids.ts'

it('names events by UUIDv7, each once and growing, more than are drawn at once', () => {
  let now = Date.parse('2026-11-20T03:00:00.000Z')
  const ids = new EventIds(() => now)
  const made = Array.from({ length: 5_000 }, (_, at) => {
    if (at % 100 === 0) now += 1
    return ids.next()
  })
  expect(made.every((id) => validate(id) && version(id) === 7)).toBe(true)
  expect(made.toSorted()).toEqual(made)
  expect(new Set(made).size).toBe(made.length)
})

it('grows on when the clock goes back', () => {
  let now = Date.parse('2026-11-20T03:00:00.000Z')
  const ids = new EventIds(() => now)
  const before = ids.next()
  now -= 60_000
  expect(ids.next() > before).toBe(true)
})
