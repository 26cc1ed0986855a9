import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const SPECS = ['relay/protocol/PROTOCOL.md', 'server/core/SPEC.md']

/** Every `[X1]` in the tests of the product; a rule that no test quotes is a wish. */
const quoted = new Set(
  ['relay', 'server', 'renderer', 'test']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(ROOT, folder, path)),
    )
    .filter((path) => /\.(test|contract|e2e)\.tsx?$|conformance\/cases\/[\w-]+\.ts$/.test(path))
    .flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/\[((?:'?[A-Z]\d+'?[ ,]*)+)\]/g)])
    .flatMap((match) => (match[1] ?? '').split(/[ ,']+/)),
)

describe.each(SPECS)('%s', (spec) => {
  const rules = [...readFileSync(join(ROOT, spec), 'utf8').matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(
    (match) => match[1] ?? '',
  )

  it('has rules, each with an id of its own', () => {
    expect(rules.length).toBeGreaterThan(5)
    expect(new Set(rules).size).toBe(rules.length)
  })

  it('says nothing that no test quotes', () => {
    expect(rules.filter((rule) => !quoted.has(rule))).toEqual([])
  })
})
