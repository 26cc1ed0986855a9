import { afterEach, expect, test } from 'vitest'
import { ERRORS } from '../../relay/protocol/errors.ts'
import { LANGUAGES } from '../../relay/protocol/record-words.ts'
import { commandEn, commandKo } from './command-words.ts'
import { clockOrDay, count, day } from './format.ts'
import { en } from './en.ts'
import { groupEn, groupKo } from './group-words.ts'
import { ko } from './ko.ts'
import { raiseEn, raiseKo } from './raise-words.ts'
import { refusalsKo } from './refusals-ko.ts'
import { rejectionsEn, rejectionsKo } from './rejection-words.ts'
import { siteEn } from './site-en.ts'
import { siteKo } from './site-ko.ts'
import { talkEn, talkKo } from './talk-words.ts'
import { speak, text } from './text.ts'

afterEach(() => speak('en'))

/** Every word of a table as `path: words`; what takes values gets each table's own. */
function wordsOf(table: Readonly<Record<string, unknown>>, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of Object.entries(table)) {
    const here = path === '' ? name : `${path}.${name}`
    if (typeof value === 'string') found.set(here, value)
    else if (typeof value === 'object' && value !== null)
      for (const [at, words] of wordsOf(value as Readonly<Record<string, unknown>>, here)) found.set(at, words)
  }
  return found
}

const OTHERS = LANGUAGES.filter((language) => language !== 'en')

test.each(OTHERS)('no sentence is left in English in the table of "%s", and none is missing', async (language) => {
  await speak(language)
  const same = new Set(['language', 'locale', 'product', 'session.pin'])
  const english = wordsOf(en)
  for (const [path, words] of wordsOf(text)) {
    if (!path.startsWith('pending.since')) expect(words.trim(), path).not.toBe('')
    if (!same.has(path)) expect(words, path).not.toBe(english.get(path))
  }
})

test('no word that comes later is left in English in Korean, and none is missing', () => {
  for (const [one, other] of [
    [siteEn, siteKo],
    [groupEn, groupKo],
    [raiseEn, raiseKo],
    [rejectionsEn, rejectionsKo],
  ] as const) {
    const english = wordsOf(one)
    for (const [path, words] of wordsOf(other))
      expect([words.trim() !== '', words !== english.get(path)], path).toEqual([true, true])
  }
})

test.each([
  ['of what is said and answered', talkEn, talkKo],
  ['of what commands do', commandEn, commandKo],
])('no word %s is left in English in Korean, and none is missing', (_what, inEnglish, inKorean) => {
  const english = wordsOf(inEnglish)
  for (const [path, words] of wordsOf(inKorean))
    expect([words.trim() !== '', words !== english.get(path)], path).toEqual([true, true])
})

test('a kiosk is told its own causes in Korean, not those of a browser, with what its relay says behind them', () => {
  const said = '/data/relay.db cannot be used.'
  for (const code of ['newer', 'busy', 'corrupt', 'foreign', 'full', 'failed']) {
    const words = ko.unavailable(`kiosk/storage-${code}`, said)
    expect(words).toContain(said)
    expect(words).toMatch(/[가-힣]/)
    expect(words).not.toMatch(/브라우저|페이지/)
  }
  expect(ko.unavailable('kiosk/no-server', said)).toMatch(/서버/)
  expect(ko.start.halted('no-server')).not.toBe(ko.start.halted('storage-failed'))
  expect(en.unavailable('kiosk/storage-failed', said)).toBe(said)
})

test('no Korean sentence puts a particle that changes with the sound before it behind a value', () => {
  const value = '〈값〉'
  const all = JSON.stringify({ ...ko, ...talkKo, ...commandKo, and: null }, (_name, words: unknown) =>
    typeof words === 'function' ? (words as (...values: string[]) => string)(value, value, value) : words,
  )
  expect(all).not.toMatch(new RegExp(`${value}[”’)]?(을|를|이|가|은|는|과|와|으로|로)(?=[ .,])`, 'u'))
})

test('every refusal that a person or an administrator has to act on is said in Korean', () => {
  const missing = Object.entries(ERRORS)
    .filter(([code, { who }]) => (who === 'person' || who === 'admin') && refusalsKo(code) === null)
    .map(([code]) => code)
  expect(missing).toEqual([])
})

test('a refusal without Korean words keeps what the server said', () => {
  expect(ko.refusal('bad-json', 'This is not valid JSON.')).toBe('This is not valid JSON.')
  expect(ko.refusal('forbidden', 'You may not write to line-1.')).toBe(refusalsKo('forbidden'))
})

test('a disk that takes nothing is warned of in Korean: its sentence is the key', () => {
  expect(ko.connection.warning(ERRORS['storage-failed'].says)).toBe('이 단말기가 디스크에 쓰지 못하고 있습니다.')
})

test('the language changes without a reload, for words, times and numbers', async () => {
  const at = new Date(2026, 10, 19, 9, 41)
  await speak('ko')
  expect([text.language, text.session.signIn, text.areaName('line-3')]).toEqual(['ko', '로그인', '라인 3'])
  expect([clockOrDay(at, new Date(2026, 10, 20)), day(at)]).toEqual(['11월 19일 09:41', '11월 19일 목요일'])
  await speak('en')
  expect([text.language, text.session.signIn, count(12_345)]).toEqual(['en', 'Sign in', '12,345'])
})

test('of two changes under way the later one holds', async () => {
  await Promise.all([speak('ko'), speak('en')])
  expect(text.language).toBe('en')
})

test('names of the demonstration floor are said in the language; a name that a site has given is kept', () => {
  expect([ko.equipment.named('host-1', 'This server'), ko.equipment.named('cpu', 'Processor')]).toEqual([
    '이 서버',
    '프로세서',
  ])
  expect([ko.equipment.named('cpu', 'Spindle controller'), ko.equipment.named('torque', null)]).toEqual([
    'Spindle controller',
    'torque',
  ])
  expect([en.equipment.named('cpu', 'Processor'), en.equipment.named('torque', null)]).toEqual(['Processor', 'torque'])
})
