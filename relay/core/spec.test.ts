import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const CORE = new URL('./', import.meta.url)
const SPEC = readFileSync(new URL('SPEC.md', CORE), 'utf8')

/** Rule → files of tests whose titles quote it, as the tests are. */
function quoted(): Map<string, Set<string>> {
  const rules = new Map<string, Set<string>>()
  const files = [
    ...readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts')),
    ...readdirSync(new URL('..', CORE)).flatMap((name) => (/^relay.*\.test\.ts$/.test(name) ? [`../${name}`] : [])),
    ...['adapters', 'stdio'].flatMap((folder) =>
      readdirSync(new URL(`../${folder}`, CORE)).flatMap((name) =>
        name.endsWith('.test.ts') ? [`../${folder}/${name}`] : [],
      ),
    ),
  ]
  for (const file of files.filter((name) => name !== 'spec.test.ts')) {
    const text = readFileSync(new URL(file, CORE), 'utf8')
    for (const [, ids = ''] of text.matchAll(/['"`]\[(R\d+(?: R\d+)*)\]/g)) {
      for (const id of ids.split(' ')) rules.set(id, (rules.get(id) ?? new Set()).add(file))
    }
  }
  return rules
}

it('every rule of SPEC.md is quoted by the tests it names, and every quoted rule exists', () => {
  const rules = [...SPEC.matchAll(/^- \*\*(R\d+)\*\*/gm)].map(([, id = '']) => id)
  const table = new Map<string, string[]>()
  for (const [, id = '', files = ''] of SPEC.matchAll(/^\| (R\d+) \| (.*) \|$/gm)) {
    table.set(id, [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file).toSorted(byText))
  }
  expect(new Set(rules).size, 'no rule twice').toBe(rules.length)
  expect([...table.keys()].toSorted(byText)).toEqual(rules.toSorted(byText))
  const found = quoted()
  const actual = [...found].map(([id, files]) => [id, [...files].toSorted(byText)] as const)
  expect(new Map(actual.toSorted(([a], [b]) => byText(a, b)))).toEqual(
    new Map([...table].toSorted(([a], [b]) => byText(a, b))),
  )
})

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
