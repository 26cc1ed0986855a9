import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evidence, quotedIn, quotedRules, rulesOf, tableOf, titledIn } from './support/rules.ts'

const ROOT = resolve(import.meta.dirname, '..')
/** Promises, and the rules that refine them. */
const SPECS = [
  'ARCHITECTURE.md',
  'relay/protocol/PROTOCOL.md',
  'relay/core/SPEC.md',
  'server/core/SPEC.md',
  'renderer/SPEC.md',
]
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

it('no two specifications have a rule of the same id', () => {
  const all = SPECS.flatMap(rulesOf)
  expect(all.filter((rule, index) => all.indexOf(rule) !== index)).toEqual([])
})

it('no title of a test quotes a rule that there is not', () => {
  const rules = new Set(SPECS.flatMap(rulesOf))
  const unknown = evidence().flatMap((path) =>
    titledIn(path).flatMap((id) => (rules.has(id) ? [] : [`${path}: ${id}`])),
  )
  expect(unknown).toEqual([])
})

it('no source points at a rule that there is not, or at a section of nothing', () => {
  const rules = new Set(SPECS.flatMap(rulesOf))
  const wrong = sources().flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    const cited = [...text.matchAll(/\((?:(?:[A-Z]\d+, )*[A-Z]\d+\)|§\d)/g)].flatMap(
      ([said]) => said.match(/[A-Z]\d+|§\d/g) ?? [],
    )
    return cited.filter((id) => id !== 'P0' && !rules.has(id)).map((id) => `${path}: ${id}`)
  })
  expect(wrong).toEqual([])
})

describe('the table of server/core/SPEC.md', () => {
  const spec = 'server/core/SPEC.md'
  const table = tableOf(spec)

  it('has every rule of it, in rows of its own or of those it refines', () => {
    const listed = new Set(table.flatMap(({ rules }) => rules))
    expect(rulesOf(spec).filter((rule) => !listed.has(rule))).toEqual([])
  })

  it('names no rule that there is not', () => {
    const rules = new Set(SPECS.flatMap(rulesOf))
    expect(table.flatMap((row) => row.rules.filter((rule) => !rules.has(rule)))).toEqual([])
  })

  it('names files that are there and quote what their row says', () => {
    const wrong = table.flatMap(({ rules, files }) => {
      const missing = files.filter((file) => !existsSync(join(ROOT, file)))
      if (missing.length > 0) return missing
      const cited = new Set(files.flatMap((file) => filesOf(file).flatMap(quotedIn)))
      return rules.filter((rule) => !cited.has(rule)).map((rule) => `${rule} is not in ${files.join(', ')}`)
    })
    expect(wrong).toEqual([])
  })
})

/** A file, or everything that is evidence directly in a folder. */
function filesOf(path: string): readonly string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path]
  return evidence().filter((file) => file.startsWith(`${path}/`))
}

/** The program, without its tests. */
function sources(): readonly string[] {
  const tests = new Set(evidence())
  return ['relay', 'server', 'renderer', 'app', 'build']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    )
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !/node_modules|dist\//.test(path) && !tests.has(path))
}
