import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TEST } from '../build/checks.mjs'

const ROOT = resolve(import.meta.dirname, '..')

/** Documents at the root; those that do not exist yet are not missed here. */
const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'].filter((name) =>
  existsSync(join(ROOT, name)),
)

/** First segments that make a span a path of this checkout; `chat/line-3` is a channel, `application/json` a type. */
const FOLDERS = new Set(['app', 'build', 'docs', 'relay', 'renderer', 'server', 'test', '.ci'])

/** Made by commands, so not there in a fresh checkout. */
const GENERATED = /^(renderer\/dist|app\/dist|dist|node_modules|build\/node\/node_modules|data)(\/|$)/

const scripts = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts,
)

const usage = spawnSync(process.execPath, [join(ROOT, 'build/run.mjs'), '--help'], { encoding: 'utf8' }).stdout
const commands = [...usage.matchAll(/^ {2}(\w+) /gm)].map((match) => match[1])

/** Code of a document: spans, and the lines of fenced and indented blocks. */
function codeOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap((match) => (match[1] ?? '').split('\n'))
  const rest = markdown.replaceAll(/^```[\s\S]*?^```/gm, '')
  const indented = rest.split('\n').filter((line) => line.startsWith('    '))
  return [...blocks, ...indented, ...[...rest.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '')]
}

/** Paths of this checkout in a piece of code. Patterns (`*`) and placeholders (`…`, `ID`) are not paths. */
function pathsOf(code: string): string[] {
  return code
    .split(/[\s"'(),;:]+/)
    .map((word) => word.replace(/^\.\//, '').replace(/[/.]$/, ''))
    .filter((word) => /^[\w.-]+(\/[\w.-]+)*$/.test(word))
    .filter((word) => FOLDERS.has(word.split('/')[0] ?? '') || /^[A-Z]+\.md$|^[\w.-]+\.config\.ts$/.test(word))
    .filter((word) => word.includes('/') || word.includes('.'))
    .filter((word) => !GENERATED.test(word))
}

describe.each(DOCUMENTS)('%s', (name) => {
  const markdown = readFileSync(join(ROOT, name), 'utf8')
  const code = codeOf(markdown)

  test('names only paths that exist', () => {
    const links = [...markdown.matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map((match) => match[1] ?? '')
    const local = links.filter((link) => !/^[a-z]+:/.test(link))
    const missing = [...local, ...code.flatMap(pathsOf)].filter((path) => !existsSync(join(ROOT, path)))
    expect(missing).toEqual([])
  })

  test('names only npm scripts that exist', () => {
    const named = code.flatMap((line) =>
      [...line.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test))\b/g)].map((match) => match[1] ?? match[2] ?? ''),
    )
    expect(named.filter((script) => !scripts.includes(script))).toEqual([])
  })

  test('names only commands that exist', () => {
    const named = code.flatMap((line) =>
      [...line.matchAll(/(?:build\/run\.mjs|^\s*andon) ([a-z]\w*)/g)].map((match) => match[1]),
    )
    expect(named.filter((command) => !commands.includes(command))).toEqual([])
  })
})

test('each list of what to touch in ARCHITECTURE has at most ten files, tests and the suites that they run apart', () => {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').split(/^## /m)
  const section = text.find((one) => one.startsWith('What to touch')) ?? ''
  const lists = section.split('\n\n').filter((one) => one.startsWith('**A'))
  expect(lists.map((list) => list.match(/^\*\*(An? .*?)\*\*/)?.[1])).toEqual([
    'A transport',
    'A store',
    'A channel kind',
    'An alert state',
    'A domain',
    'A language',
  ])
  const files = lists.map((list) => [...list.matchAll(/`(\w+\/[^`]+)`/g)].map((match) => match[1] ?? ''))
  const product = files.map((list) => list.filter((file) => !/^test\/|\.(test|contract)\.ts$/.test(file)))
  expect(product.filter((list) => list.length > 10)).toEqual([])
})

test('the usage lists the commands this test reads from it', () => {
  expect(commands).toContain('server')
  expect(commands).toContain('relay')
})

test('the budgets in CONTRIBUTING are those the steps are held against, and together at most twelve minutes', () => {
  const rows = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').matchAll(/^\| (\w+) \| (\d+) \|/gm)
  const written = [...rows].map(([, name, seconds]) => ({ name, budget: Number(seconds) }))
  expect(written).toEqual(TEST.map(({ name, budget }) => ({ name, budget })))
  expect(written.reduce((sum, { budget }) => sum + budget, 0)).toBeLessThanOrEqual(12 * 60)
})
