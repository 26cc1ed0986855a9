import { expect, it } from 'vitest'
import { banner } from './banner.ts'

it('a demonstration tells who can sign in, and how to raise an alert', () => {
  const says = banner('http://127.0.0.1:7070', { demo: true, database: null, data: './data' })
  for (const part of [
    'http://127.0.0.1:7070',
    'kim 1111',
    'lee 2222',
    'park 3333',
    'admin 4444',
    'Bearer demo-key',
    '"priority":"P0"',
  ]) {
    expect(says).toContain(part)
  }
})

it('a real floor’s does not', () => {
  expect(banner('https://andon.example', { demo: false, database: null, data: './data' })).not.toMatch(/1111|demo-key/)
})
