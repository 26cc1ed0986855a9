import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { quotedIn, quotedRules, rulesOf } from './support/rules.ts'

const SPECS = ['relay/protocol/PROTOCOL.md', 'server/core/SPEC.md', 'relay/core/SPEC.md']
const PITFALLS = 19

interface Row {
  readonly number: number
  readonly rules: readonly string[]
  readonly test: string
}

const rows: readonly Row[] = [
  ...readFileSync(new URL('../docs/pitfalls.md', import.meta.url), 'utf8').matchAll(
    /^\| (\d+) \| [^|]+ \| ([^|]+) \| `([^`]+)` \|$/gm,
  ),
].map(([, number = '', rules = '', test = '']) => ({ number: Number(number), rules: rules.split(', '), test }))

it('there are nineteen pitfalls, each with rules', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: PITFALLS }, (_, index) => index + 1))
})

it('every rule that keeps a pitfall away exists, and tests quote it', () => {
  const rules = new Set(SPECS.flatMap(rulesOf))
  const quoted = quotedRules()
  for (const row of rows) {
    expect([row.number, row.rules.filter((rule) => !rules.has(rule))]).toEqual([row.number, []])
    expect([row.number, row.rules.filter((rule) => !quoted.has(rule))]).toEqual([row.number, []])
  }
})

it('the test to begin with quotes one of the rules', () => {
  for (const { number, rules, test } of rows) {
    const quoted = quotedIn(test)
    expect([number, test, rules.some((rule) => quoted.includes(rule))]).toEqual([number, test, true])
  }
})
