import { describe, expect, it } from 'vitest'
import { quotedRules, rulesOf } from './support/rules.ts'

const SPECS = ['relay/protocol/PROTOCOL.md', 'server/core/SPEC.md']
const quoted = quotedRules()

describe.each(SPECS)('%s', (spec) => {
  const rules = rulesOf(spec)

  it('has rules, each with an id of its own', () => {
    expect(rules.length).toBeGreaterThan(5)
    expect(new Set(rules).size).toBe(rules.length)
  })

  it('says nothing that no test quotes', () => {
    expect(rules.filter((rule) => !quoted.has(rule))).toEqual([])
  })
})
