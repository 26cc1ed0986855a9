import { expect, it } from 'vitest'
import { CASES } from './cases.ts'
import { NOTED, protocolRules, tableOf } from './rules.ts'

it('finds the rules of PROTOCOL.md', () => {
  const rules = protocolRules()
  expect(rules).toEqual(expect.arrayContaining(['G1', 'C5', 'A5', 'W10', 'S9', 'H4', 'L2']))
  expect(new Set(rules).size).toBe(rules.length)
})

it('names in cases and notes only rules that exist', () => {
  const named = [...CASES.flatMap(({ rules }) => rules), ...NOTED]
  expect(named.filter((rule) => !protocolRules().includes(rule))).toEqual([])
})

it('says a rule without a case aloud', () => {
  expect(tableOf([])[0]).toEqual({ rule: 'G1', cases: [], open: 'nobody has written a case yet' })
})

it('gives every case a sentence of its own', () => {
  const sentences = CASES.map(({ says }) => says)
  expect(new Set(sentences).size).toBe(sentences.length)
})
