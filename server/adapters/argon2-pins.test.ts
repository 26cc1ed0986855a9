import { expect, it } from 'vitest'
import { Argon2Pins } from './argon2-pins.ts'

it('a PIN is kept as argon2id with its own salt and at least the cost OWASP asks for', async () => {
  const pins = new Argon2Pins()
  const [one, two] = await Promise.all([pins.hash('1111'), pins.hash('1111')])
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/)
  expect(one).not.toBe(two)
  expect(await pins.verify(one, '1111')).toBe(true)
  expect(await pins.verify(one, '1112')).toBe(false)
})

it('nobody’s PIN is never right', async () => {
  const pins = new Argon2Pins()
  expect(await pins.verify(null, '')).toBe(false)
  expect(await pins.verify(null, '1111')).toBe(false)
})
