import { expect, it } from 'vitest'
import { pacedLog } from './paced-log.ts'

it('[V22] [P8] what strangers cause as often as they like is said at a bounded pace, each thing on its own, and the rest counted', () => {
  const lines: Record<string, unknown>[] = []
  const take = (line: object): void => void lines.push({ ...line })
  const log = { info: take, warn: take }
  let now = 0
  const say = pacedLog(log, () => now)
  const refuse = (code: string, origin = 'https://evil.example'): void =>
    say('warn', { event: 'upgrade-refused', code, origin })
  for (let count = 0; count < 700; count += 1) refuse('bad-origin')
  expect(lines).toHaveLength(5)
  refuse('not-found')
  expect(lines).toHaveLength(6)
  now = 10_000
  refuse('bad-origin', `https://${'x'.repeat(10_000)}`)
  expect(lines.at(-1)).toMatchObject({ event: 'upgrade-refused', code: 'bad-origin', leftOut: 695 })
  expect(String(lines.at(-1)?.['origin'])).toHaveLength(200)
})
