import { expect, test } from 'vitest'
import { hasHangul, isOperatorName, operatorName } from './operator-name.ts'

test.each([
  ['ㅏㅑㅡ', 'kim'],
  ['\u1161\u1163\u1173', 'kim'],
  ['ㅔㅁ가', 'park'],
  ['pㅁ가', 'park'],
  ['ㅣㄷㄷ', 'lee'],
  ['ㅁㅇㅡㅑㅜ', 'admin'],
  ['ㅁ으ㅑㅜ', 'admin'],
  ['값', 'rkqt'],
  ['꽤', 'rho'],
  ['뷁', 'qnpfr'],
  [' Kim ', 'kim'],
  ['ｋｉｍ－３', 'kim-3'],
  ['line3-ㅏㅑㅡ', 'line3-kim'],
])('%s is typed for %s', (typed, name) => {
  expect(operatorName(typed)).toBe(name)
  expect(isOperatorName(operatorName(typed))).toBe(true)
})

test('what no key of the name stands behind stays, and is no name', () => {
  for (const typed of ['josé', '山田', 'kim lee', '']) expect(isOperatorName(operatorName(typed))).toBe(false)
  expect([hasHangul('ㅏㅑㅡ'), hasHangul('박'), hasHangul('kim')]).toEqual([true, true, false])
})
