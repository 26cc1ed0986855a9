import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isTestFile, LAYERS, rowsOf } from '../build/layers.mjs'

const ROOT = resolve(import.meta.dirname, '..')

const IMPORT = 'andon(layers)'
const GLOBAL = 'eslint(no-restricted-globals)'
const PROPERTY = 'eslint(no-restricted-properties)'
const ASYNC = 'oxc(no-async-await)'
const CIRCLE = 'import(no-cycle)'
const LAYER_RULES = [IMPORT, GLOBAL, PROPERTY, ASYNC, CIRCLE]

/** Folder or file, the line planted in it, the rule that must report it. */
const VIOLATIONS: [file: string, code: string, rule: string][] = [
  ['relay/protocol/', "import '../core/engine.ts'", IMPORT],
  ['relay/protocol/', "import type { Relay } from '../relay.ts'", IMPORT],
  ['relay/protocol/', "import 'ws'", IMPORT],
  ['relay/protocol/', "import 'node:fs'", IMPORT],
  ['relay/protocol/', 'export const text = Buffer.from("")', GLOBAL],
  ['relay/domain/', "import '../core/engine.ts'", IMPORT],
  ['relay/domain/', "import 'valibot'", IMPORT],
  ['relay/domain/chat/', 'export const now = () => new Date()', GLOBAL],
  ['relay/core/', "import { open } from '../ports.ts'", IMPORT],
  ['relay/core/', "import { type Socket } from '../ports.ts'", IMPORT],
  ['relay/core/', "import '../adapters/websocket.ts'", IMPORT],
  ['relay/core/', "import '../relay.ts'", IMPORT],
  ['relay/core/', "import 'valibot'", IMPORT],
  ['relay/core/', "import 'fs'", IMPORT],
  ['relay/core/', "export { read } from '../../server/ports/store.ts'", IMPORT],
  ['relay/core/', "export * from '../testing/virtual-clock.ts'", IMPORT],
  ['relay/core/', "export type A = import('../../server/main.ts').A", IMPORT],
  ['relay/core/', "import '../testing/socket.contract.ts'", IMPORT],
  ['relay/core/', 'export const now = () => Date.now()', GLOBAL],
  ['relay/core/', 'export const later = () => setTimeout(() => {}, 1)', GLOBAL],
  ['relay/core/', 'export const now = () => globalThis.performance.now()', GLOBAL],
  ['relay/core/', 'export const soon = () => Promise.resolve(1)', GLOBAL],
  ['relay/core/', 'export const host = () => location.host', GLOBAL],
  ['relay/core/', 'export const chance = () => Math.random()', PROPERTY],
  ['relay/core/', "export const chance = () => Math['random']()", PROPERTY],
  ['relay/core/', 'export async function step() {}', ASYNC],
  ['relay/core/disk/', "import { submit } from '../outbox/arrive.ts'", IMPORT],
  ['relay/core/link/', "import { submit } from '../outbox/arrive.ts'", IMPORT],
  ['relay/core/outbox/', "import { reconcile } from '../channels/subscriptions.ts'", IMPORT],
  ['relay/core/outbox/', "import { signOut } from '../people/sign-out.ts'", IMPORT],
  ['relay/core/channels/', "import { submit } from '../outbox/arrive.ts'", IMPORT],
  ['relay/core/channels/', "import type { WindowsReach } from '../windows/windows.ts'", IMPORT],
  ['relay/core/people/', "import { windowSpoke } from '../windows/windows.ts'", IMPORT],
  ['relay/core/windows/', "import type { EngineState } from '../state.ts'", IMPORT],
  ['relay/core/outbox/slice.ts', "import { newLane } from './lane.ts'", IMPORT],
  ['relay/core/step/', "import type { EngineState } from '../state.ts'", IMPORT],
  ['relay/core/step/', 'export const now = () => Date.now()', GLOBAL],
  ['relay/core/one.ts', "import type { Other } from './other.ts'; export type One = Other", CIRCLE],
  ['relay/core/other.ts', "import type { One } from './one.ts'; export type Other = One", CIRCLE],
  ['server/http/one.ts', "import type { Other } from './other.ts'; export type One = Other", CIRCLE],
  ['server/http/other.ts', "import type { One } from './one.ts'; export type Other = One", CIRCLE],
  ['relay/ports.ts', "import { limits } from './protocol/limits.ts'", IMPORT],
  ['relay/relay.ts', "import './adapters/websocket.ts'", IMPORT],
  ['relay/window.ts', "import 'ws'", IMPORT],
  ['relay/index.ts', "export * from './testing/virtual-clock.ts'", IMPORT],
  ['relay/adapters/', "import '../core/engine.ts'", IMPORT],
  ['relay/adapters/', "import '../testing/virtual-clock.ts'", IMPORT],
  ['relay/adapters/', "import '../../server/ports/store.ts'", IMPORT],
  ['relay/adapters/', "import 'electron'", IMPORT],
  ['relay/adapters/browser-', "import 'node:fs'", IMPORT],
  ['relay/testing/', "import '../adapters/websocket.ts'", IMPORT],
  ['relay/cli.ts', "import './testing/virtual-clock.ts'", IMPORT],
  ['relay/cli.ts', "import '../server/main.ts'", IMPORT],
  ['relay/stray.ts', "import './protocol/limits.ts'", IMPORT],
  ['server/core/', "import '../adapters/sqlite-store.ts'", IMPORT],
  ['server/core/', "import '../gateway/socket-session.ts'", IMPORT],
  ['server/core/', "import '../../relay/core/engine.ts'", IMPORT],
  ['server/core/', "import 'fastify'", IMPORT],
  ['server/core/', 'export const env = () => process.env', GLOBAL],
  ['server/domain/', "import { store } from '../ports/store.ts'", IMPORT],
  ['server/domain/chat/', "import '../../core/publish.ts'", IMPORT],
  ['server/domain/', 'export const chance = () => crypto.randomUUID()', GLOBAL],
  ['server/ports/', "import { decide } from '../core/publish.ts'", IMPORT],
  ['server/ports/', "import 'node:events'", IMPORT],
  ['server/adapters/', "import '../core/publish.ts'", IMPORT],
  ['server/adapters/', "import '../http/routes.ts'", IMPORT],
  ['server/adapters/', "export const entry = new URL('../main.ts', import.meta.url)", IMPORT],
  ['server/gateway/', "import '../adapters/sqlite-store.ts'", IMPORT],
  ['server/gateway/', "export const load = () => import('../adapters/sqlite-store.ts')", IMPORT],
  ['server/gateway/', 'export const load = (name: string) => import(name)', IMPORT],
  ['server/gateway/', "import type { WebSocket } from 'ws'", IMPORT],
  ['server/gateway/', "import type { Duplex } from 'node:stream'", IMPORT],
  ['server/gateway/', "import type { Socket } from 'net'", IMPORT],
  ['server/gateway/', "import './ends/web-socket-end.ts'", IMPORT],
  ['server/gateway/ends/', "import '../../http/routes.ts'", IMPORT],
  ['server/gateway/ends/', "import '../../adapters/sqlite-store.ts'", IMPORT],
  ['server/http/', "import '../adapters/sqlite-store.ts'", IMPORT],
  ['server/http/', "import '../../relay/relay.ts'", IMPORT],
  ['server/main.ts', "import '../relay/relay.ts'", IMPORT],
  ['server/main.ts', "import '../renderer/main.tsx'", IMPORT],
  ['server/main.ts', "import '#alias'", IMPORT],
  ['renderer/views/', "import 'node:path'", IMPORT],
  ['renderer/views/', "import 'electron'", IMPORT],
  ['renderer/views/', "import '../../server/main.ts'", IMPORT],
  ['renderer/views/', "import '../../app/ipc/channels.ts'", IMPORT],
  ['renderer/state/', "import '../../relay/core/engine.ts'", IMPORT],
  ['renderer/state/', "import '../../relay/adapters/node.ts'", IMPORT],
  ['renderer/state/', "import '../../relay/testing/virtual-clock.ts'", IMPORT],
  ['renderer/platform/', "import '../state/app-state.ts'", IMPORT],
  ['app/main/', "import '../../server/main.ts'", IMPORT],
  ['app/main/', "import '../../relay/core/engine.ts'", IMPORT],
  ['app/main/', "import '../preload/preload.ts'", IMPORT],
  ['app/preload/', "import { Platform } from '../../renderer/platform/platform.ts'", IMPORT],
  ['app/preload/', "import 'node:fs'", IMPORT],
  ['app/ipc/', "import 'electron'", IMPORT],
]

const CORRECT: [file: string, code: string][] = [
  ['relay/protocol/', "import 'valibot'; import './ids.ts'; export type When = Date"],
  ['relay/domain/chat/', "import '../../protocol/events.ts'; import '../reducer.ts'"],
  ['relay/core/', "import '../protocol/ids.ts'; import './people/sign-out.ts'; import './step/turn.ts'"],
  ['relay/core/people/', "import '../outbox/arrive.ts'; import '../channels/demand.ts'; import '../windows/slice.ts'"],
  [
    'relay/core/outbox/',
    "import '../../domain/recent.ts'; import '../link/link.ts'; import type { Row } from '../../ports.ts'",
  ],
  ['relay/core/', "import type { Socket } from '../ports.ts'; export const half = (n: number) => Math.floor(n / 2)"],
  ['relay/core/engine.test.ts', "import '../testing/virtual-clock.ts'; export const now = async () => Date.now()"],
  ['relay/testing/socket.contract.ts', "import '../adapters/websocket.ts'; import '../../server/main.ts'"],
  ['relay/ports.ts', "import type { Frame } from './protocol/frames.ts'; export type Later = Promise<Frame>"],
  ['relay/relay.ts', "import './core/engine.ts'; import './ports.ts'; import './domain/chat.ts'"],
  ['relay/index.ts', "export * from './relay.ts'; export * from './window.ts'"],
  ['relay/adapters/', "import 'ws'; import 'node:fs'; import '../ports.ts'; import '../relay.ts'"],
  ['relay/adapters/browser.ts', "import 'idb'; import './indexeddb-outbox.ts'; import '../relay.ts'"],
  ['relay/testing/', "import '../core/engine.ts'; import 'fast-check'"],
  ['relay/cli.ts', "import './adapters/node.ts'; import './relay.ts'; import 'commander'; import '../package.json'"],
  ['server/domain/', "import '../../relay/protocol/events.ts'; import type { Keys } from '../ports/store.ts'"],
  ['server/core/', "import '../domain/chat.ts'; import '../ports/store.ts'; import '../../relay/protocol/ids.ts'"],
  [
    'server/ports/',
    "import type { Frame } from '../../relay/protocol/frames.ts'; import type { Clock } from './clock.ts'",
  ],
  ['server/adapters/', "import 'better-sqlite3'; import '../ports/store.ts'; import '../migrations/migrate.ts'"],
  [
    'server/gateway/',
    "import 'node:crypto'; import '../core/session.ts'; import '../domain/chat.ts'; import '../ports/clock.ts'",
  ],
  [
    'server/gateway/ends/',
    "import 'ws'; import 'node:stream'; import '../frame-end.ts'; import '../../core/sockets.ts'",
  ],
  ['server/http/', "import 'fastify'; import '../core/publish.ts'; import 'node:crypto'"],
  [
    'server/main.ts',
    "import './adapters/sqlite-store.ts'; import './http/routes.ts'; import '../relay/protocol/ids.ts'",
  ],
  ['server/main.ts', "export const entry = new URL('./store-worker.ts', import.meta.url)"],
  [
    'renderer/main.tsx',
    "import '../relay/index.ts'; import 'preact'; import './styles/base.css'; import './a.svg?url'",
  ],
  [
    'renderer/',
    "import '../relay/adapters/browser.ts'; import '../relay/protocol/ids.ts'; import '../relay/window.ts'",
  ],
  ['renderer/vite.config.ts', "import 'vite'; import 'node:path'"],
  ['app/main/', "import 'electron'; import '../../relay/adapters/node.ts'; import '../ipc/channels.ts'"],
  ['app/preload/', "import 'electron'; import type { Platform } from '../../renderer/platform/platform.ts'"],
  ['test/e2e/', "import '../../server/main.ts'; import '../../relay/core/engine.ts'"],
]

type Diagnostic = { code?: string; filename: string; message: string }

let tree = ''

/** For each case, violations first, the rules that reported it. */
let reported: string[][] = []

/** A full name stays; a folder, or the beginning of a name, is completed to a file of its own. */
function plantedPath(index: number, file: string) {
  if (/\.tsx?$/.test(file)) return file
  return `${file}planted-${index}.ts`
}

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'andon-layers-'))
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
  const cases = [...VIOLATIONS, ...CORRECT]
  // Lines that name the same file go to copies of the tree, side by side: the table is relative to each copy.
  const rulesByFile = new Map<string, string[]>()
  const copies = new Map<string, number>()
  const places = cases.map(([file, code], index) => {
    const path = plantedPath(index, file)
    const copy = copies.get(path) ?? 0
    copies.set(path, copy + 1)
    return { copy, path, code }
  })
  for (let copy = 0; copy <= Math.max(...places.map((place) => place.copy)); copy++) {
    const root = join(tree, String(copy))
    for (const name of ['oxlint.config.ts', 'tsconfig.json', 'build/layers.mjs', 'build/lint-plugin.mjs']) {
      cpSync(join(ROOT, name), join(root, name))
    }
    for (const place of places.filter((each) => each.copy === copy)) {
      mkdirSync(dirname(join(root, place.path)), { recursive: true })
      writeFileSync(join(root, place.path), `${place.code}\n`)
    }
    for (const { code, filename } of lint(root)) {
      const key = `${copy}/${filename}`
      rulesByFile.set(key, [...(rulesByFile.get(key) ?? []), code ?? 'parse error'])
    }
  }
  reported = places.map(({ copy, path }) => rulesByFile.get(`${copy}/${path}`) ?? [])
}, 60_000)

afterAll(() => rmSync(tree, { recursive: true, force: true }))

function lint(root: string): Diagnostic[] {
  const oxlint = join(ROOT, 'node_modules/oxlint/bin/oxlint')
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format=json', '.'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (!stdout.startsWith('{')) throw new Error(`oxlint did not run: ${stdout}${stderr}`)
  return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics
}

describe('the layer rules', () => {
  test.each(VIOLATIONS.map(([file, code, rule], index) => ({ file, code, rule, index })))(
    'refuse in $file: $code',
    ({ rule, index }) => {
      expect(reported[index]).toContain(rule)
    },
  )

  test.each(CORRECT.map(([file, code], index) => ({ file, code, index: VIOLATIONS.length + index })))(
    'allow in $file: $code',
    ({ index }) => {
      expect(reported[index]?.filter((rule) => LAYER_RULES.includes(rule) || rule === 'parse error')).toEqual([])
    },
  )

  test('bind every source file by exactly one row', () => {
    const wrong = sourceFiles()
      .map((path) => ({ path, rows: rowsOf(path).map((row) => row.name) }))
      .filter(({ rows }) => rows.length !== 1)
    expect(wrong).toEqual([])
  })

  test('have the files of pure rows, and no others, in folders named as pure rows: so lint finds them', () => {
    const folders = LAYERS.filter((row) => row.pure).map((row) => `${row.name}/`)
    const isPure = (path: string) => rowsOf(path).some((row) => row.pure)
    const isFound = (path: string) => folders.some((folder) => path.startsWith(folder))
    expect(sourceFiles().filter((path) => isPure(path) !== isFound(path))).toEqual([])
  })

  test('let a row name only rows that exist', () => {
    const names = new Set(LAYERS.map((row) => row.name))
    expect(LAYERS.flatMap((row) => [...row.may, ...(row.types ?? [])]).filter((name) => !names.has(name))).toEqual([])
  })
})

describe('the parts of the engine', () => {
  const isSlice = (path: string) => /^relay\/core\/[a-z]+\/slice\.ts$/.test(path)

  test('hold the slices of others sealed: what its part alone may write is named nowhere else without', () => {
    const owned = new Map(
      sourceFiles()
        .filter(isSlice)
        .map((path) => [dirname(path), written(readFileSync(join(ROOT, path), 'utf8'))]),
    )
    expect([...owned.values()].flat()).toEqual(expect.arrayContaining(['Ledger', 'OutboxState', 'Subscription']))
    const unsealed = sourceFiles()
      .filter((path) => path.startsWith('relay/core/'))
      .flatMap((path) => {
        const text = readFileSync(join(ROOT, path), 'utf8')
        return [...owned]
          .filter(([part]) => part !== dirname(path))
          .flatMap(([part, names]) => importedFrom(text, part).filter((name) => names.includes(name)))
          .filter((name) => new RegExp(`(?<!Sealed<)\\b${name}\\b`).test(text.replaceAll(/^import[^']*'.*$/gm, '')))
          .map((name) => `${path}: ${name}`)
      })
    expect(unsealed).toEqual([])
  })
})

/** Interfaces with something in them that may be replaced or filled. */
function written(slice: string): readonly string[] {
  return [...slice.matchAll(/^export interface (\w+)[^{]*\{\n([\s\S]*?)^\}/gm)]
    .filter(([, , body = '']) => /^ {2}(?!readonly )\w+\??:|: (Map|Set)</m.test(body))
    .map(([, name = '']) => name)
}

/** What a file imports from the slice of a part. */
function importedFrom(text: string, part: string): readonly string[] {
  const slice = `${part.slice(part.lastIndexOf('/') + 1)}/slice.ts`
  return [...text.matchAll(/^import (?:type )?\{([^}]*)\} from '([^']*)'/gm)]
    .filter(([, , from = '']) => from.endsWith(`/${slice}`))
    .flatMap(([, names = '']) => names.split(',').map((name) => name.replace(/^\s*(type )?/, '').trim()))
}

function sourceFiles(): string[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .flatMap((entry) => {
      if (!entry.isDirectory()) return [entry.name]
      if (!['app', 'build', 'relay', 'renderer', 'server'].includes(entry.name)) return []
      return readdirSync(join(ROOT, entry.name), { recursive: true, encoding: 'utf8' }).map(
        (path) => `${entry.name}/${path.replaceAll('\\', '/')}`,
      )
    })
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path))
    .filter((path) => !/(^|\/)node_modules\/|^(renderer|app)\/dist\//.test(path) && !isTestFile(path))
}
