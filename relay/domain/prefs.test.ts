import { expect, test } from 'vitest'
import { channelName } from '../protocol/channels.ts'
import type { Language, Theme } from '../protocol/records.ts'
import { preferences } from './prefs.ts'
import { command, prefsOf } from './testing/samples.ts'

const set = (n: number, data: { readonly theme?: Theme; readonly language?: Language }, by = 'kim') =>
  command(n, 'prefs.set', data, { by })

test('are what the channel holds, and nothing before that', () => {
  expect(preferences('kim', null, [])).toEqual({ theme: null, language: null })
  expect(preferences('kim', prefsOf('kim', { theme: 'dark' }), [])).toEqual({ theme: 'dark', language: null })
  expect(prefsOf('kim', {}).channel).toBe(channelName('prefs', 'kim'))
})

test('a change made here holds at once, the last one of each kind', () => {
  const pending = [set(1, { theme: 'light' }), set(2, { language: 'ko' }), set(3, { theme: 'system' })]
  expect(preferences('kim', prefsOf('kim', { theme: 'dark' }), pending)).toEqual({ theme: 'system', language: 'ko' })
})

test('what another person queued on this device changes nothing, and nobody has none', () => {
  const pending = [set(1, { theme: 'light' }, 'lee')]
  expect(preferences('kim', prefsOf('kim', { theme: 'dark' }), pending).theme).toBe('dark')
  expect(preferences(null, prefsOf('kim', { theme: 'dark' }), [set(1, { theme: 'light' })]).theme).toBeNull()
})

test('a preference this build does not know counts as none', () => {
  expect(preferences('kim', prefsOf('kim', { theme: 'sepia', language: 'eo' }), [])).toEqual({
    theme: null,
    language: null,
  })
})
