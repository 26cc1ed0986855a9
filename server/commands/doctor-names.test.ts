import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { checkNames } from './doctor-names.ts'

it('the doctor says by what names the server answers [G8]', () => {
  const { ok, says } = checkNames({
    host: '0.0.0.0',
    hosts: ['Andon.Example'],
    origins: ['https://wall.example'],
    publicUrl: null,
    tls: null,
  })
  expect(ok).toBe(true)
  for (const name of [hostname().toLowerCase(), 'andon.example', 'wall.example', '--hosts'])
    expect(says).toContain(name)
  expect(says).not.toContain('0.0.0.0')
})
