import { expect, test } from 'vitest'
import { canRunAndon } from './bootstrap.mjs'

test.each(['22.18.0', '22.22.2', '23.6.0', '24.0.0', '26.10.0'])('Node %s runs Andon', (version) => {
  expect(canRunAndon(version)).toBe(true)
})

test.each(['18.0.0', '20.20.2', '22.17.1', '23.5.0'])('Node %s needs a newer one beside it', (version) => {
  expect(canRunAndon(version)).toBe(false)
})
