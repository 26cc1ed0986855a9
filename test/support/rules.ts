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

/** Every rule that some test of the product quotes; a rule that no test quotes is a wish. */
export function quotedRules(): ReadonlySet<string> {
  const files = ['relay', 'server', 'renderer', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  return new Set(files.filter((path) => EVIDENCE.test(path)).flatMap(quotedIn))
}
