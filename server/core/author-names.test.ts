import { expect, it } from 'vitest'
import { isReservedName, looksLike } from './author-names.ts'

it.each(['kim', 'Kim', ' kim ', 'ｋｉｍ', 'k\u200bim', 'kim\u202e', 'k i m', 'kim\u3164'])(
  'a program called %j would be taken for kim [P9]',
  (name) => {
    expect(looksLike(name, 'kim')).toBe(true)
  },
)

it('a name of its own is none of theirs', () => {
  for (const name of ['kim-plc', 'kimchi', 'PLC line 3', 'demo-key']) expect(looksLike(name, 'kim')).toBe(false)
})

it('nobody is called as the server or as a device', () => {
  for (const name of ['system', 'System', 'device:Press 2', 'Device: Press 2']) expect(isReservedName(name)).toBe(true)
  for (const name of ['systems', 'my device: 2', 'PLC']) expect(isReservedName(name)).toBe(false)
})
