/** The numbered rules of the specifications, and the tests that quote them in their titles. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..', '..')
/** Where rules are quoted as evidence. */
const EVIDENCE = /\.(test|contract|e2e)\.tsx?$|conformance\/cases\/[\w-]+\.ts$/

/** Ids of the rules of a specification, in order. */
export function rulesOf(spec: string): readonly string[] {
  return [...readFileSync(join(ROOT, spec), 'utf8').matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(([, id = '']) => id)
}

/** Ids that a file quotes: `[S1]`, `[S1] [S2]`, `[S1 S2]`, or the `rules` of a conformance case. */
export function quotedIn(path: string): readonly string[] {
  const found = readFileSync(join(ROOT, path), 'utf8').matchAll(/\[((?:'?[A-Z]\d+'?[ ,]*)+)\]/g)
  return [...found].flatMap(([, ids = '']) => ids.split(/[ ,']+/)).filter((id) => id !== '')
}

/** Ids at the beginning of titles of tests in a file: `'[S1] [S2] a title'`, and the `rules` of a conformance case. */
export function titledIn(path: string): readonly string[] {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const titles = text.matchAll(/['"`]((?:\[[A-Z]\d+(?: [A-Z]\d+)*\] ?)+)/g)
  const cases = path.includes('conformance/cases') ? text.matchAll(/rules: \[([^\]]*)\]/g) : []
  return [...titles, ...cases].flatMap(([, ids = '']) => ids.match(/[A-Z]\d+/g) ?? [])
}

/** The table of a specification, `| T1, M1–M5 | \`file\`, \`file\` |`: each row's rules and its files. */
export function tableOf(
  spec: string,
): readonly { readonly rules: readonly string[]; readonly files: readonly string[] }[] {
  const rows = readFileSync(join(ROOT, spec), 'utf8').matchAll(/^\| ([A-Z]\d+(?:(?:, |–)[A-Z]\d+)*) \| (.+) \|$/gm)
  return [...rows].map(([, ids = '', files = '']) => ({
    rules: ids.split(', ').flatMap(rangeOf),
    files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
  }))
}

/** `M1–M3` → M1, M2, M3. */
function rangeOf(ids: string): readonly string[] {
  const [first = '', last = first] = ids.split('–')
  const [from, to] = [Number(first.slice(1)), Number(last.slice(1))]
  return Array.from({ length: to - from + 1 }, (_, index) => `${first[0]}${from + index}`)
}

/** Files below the product's folders whose tests are evidence. */
export function evidence(): readonly string[] {
  return ['relay', 'server', 'renderer', 'app', 'build', 'test']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    )
    .filter((path) => EVIDENCE.test(path) && !path.includes('node_modules'))
}

/** Every rule that some test of the product quotes; a rule that no test quotes is a wish. */
export function quotedRules(): ReadonlySet<string> {
  return new Set(evidence().flatMap(quotedIn))
}
