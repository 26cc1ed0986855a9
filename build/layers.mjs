/**
 * Who may import whom. `build/lint-plugin.mjs` enforces this table inside oxlint, `oxlint.config.ts` adds what pure
 * layers may not touch, `test/layers.test.ts` proves both by planting violations.
 *
 * 1. Every source file matches exactly one row: a file without a row is an error, not a freedom.
 * 2. A row may import itself, and the rows it names. Nothing names `server/*` or `app/*` from outside.
 * 3. Tests and contract suites stand outside the table and may import anything; nothing else may import them.
 *
 * @typedef {object} Row
 * @property {string} name       how other rows and messages call it; a pure row's files are in folders named as pure rows
 * @property {RegExp} files      matched against the path from the root, with `/`
 * @property {string[]} may      rows it may import
 * @property {string[]} [types]  rows of which it may import types only
 * @property {true | string[]} packages  npm packages; true is any but Electron
 * @property {boolean | string[]} node  `node:*` modules, or those of them that it may
 * @property {boolean} [pure]    values in, values out: no clock, chance, input, output or promise
 */

/**
 * The engine by its parts, those below first. A part has the slices of others `Sealed` and changes them by their functions
 * only: so these rows also say who may cause a change where.
 *
 * @type {readonly Row[]}
 */
const CORE_PARTS = [
  // What goes in and out of a step, and what each part is made of: known to all, knowing no function of any.
  corePart('step', /^relay\/core\/(step\/|[a-z]+\/slice\.ts$|disk\/(rows|paging)\.ts$)/, []),
  corePart('disk', /^relay\/core\/disk\/(?!(slice|rows|paging)\.ts$)/, ['step']),
  corePart('tell', /^relay\/core\/tell\/(?!slice\.ts$)/, ['step']),
  corePart('link', /^relay\/core\/link\/(?!slice\.ts$)/, ['step', 'disk', 'tell']),
  corePart('files', /^relay\/core\/files\/(?!slice\.ts$)/, ['step', 'disk', 'tell', 'link']),
  corePart('outbox', /^relay\/core\/outbox\/(?!slice\.ts$)/, ['step', 'disk', 'tell', 'link', 'files']),
  corePart('channels', /^relay\/core\/channels\/(?!slice\.ts$)/, ['step', 'disk', 'tell', 'link']),
  corePart('rooms', /^relay\/core\/rooms\/(?!slice\.ts$)/, ['step', 'tell', 'link']),
  corePart('people', /^relay\/core\/people\/(?!slice\.ts$)/, ['step', 'disk', 'tell', 'link', 'outbox', 'channels']),
  corePart('windows', /^relay\/core\/windows\/(?!slice\.ts$)/, [
    'step',
    'disk',
    'tell',
    'link',
    'files',
    'outbox',
    'channels',
    'rooms',
    'people',
  ]),
]

/** @type {readonly Row[]} */
export const LAYERS = [
  // The language both ends speak: a sealed leaf.
  { name: 'relay/protocol', files: /^relay\/protocol\//, may: [], packages: ['valibot'], node: false, pure: true },
  {
    name: 'relay/domain',
    files: /^relay\/domain\//,
    may: ['relay/protocol'],
    packages: [],
    node: false,
    pure: true,
  },
  // What a handover note is made of, as both ends read it (Yjs).
  {
    name: 'relay/documents',
    files: /^relay\/documents\//,
    may: ['relay/protocol'],
    packages: ['yjs'],
    node: false,
    pure: true,
  },
  ...CORE_PARTS,
  // What composes the parts.
  {
    name: 'relay/core',
    files: /^relay\/core\/[^/]+$/,
    may: ['relay/protocol', ...CORE_PARTS.map((row) => row.name)],
    types: ['relay/ports'],
    packages: [],
    node: false,
    pure: true,
  },
  { name: 'relay/ports', files: /^relay\/ports\.ts$/, may: [], types: ['relay/protocol'], packages: [], node: false },
  // The engine as its users see it: the shell round the core with its hands, the window's end, and the index of both.
  {
    name: 'relay/shell',
    files: /^relay\/((relay|window|window-questions|index)\.ts$|shell\/)/,
    may: ['relay/protocol', 'relay/core', ...CORE_PARTS.map((row) => row.name), 'relay/domain', 'relay/ports'],
    packages: [],
    node: false,
  },
  // What a process of ours says on its standard streams: the one folder that programs of both ends share.
  { name: 'relay/stdio', files: /^relay\/stdio\//, may: ['relay/protocol'], packages: [], node: true },
  {
    name: 'relay/adapters',
    files: /^relay\/adapters\/(?!browser)/,
    may: ['relay/protocol', 'relay/ports', 'relay/shell', 'relay/stdio'],
    packages: true,
    node: true,
  },
  // Apart from its siblings because it is the one adapter the renderer may know.
  {
    name: 'relay/adapters/browser',
    files: /^relay\/adapters\/browser/,
    may: ['relay/protocol', 'relay/ports', 'relay/shell', 'relay/adapters'],
    packages: true,
    node: false,
  },
  // The package's doors for portals of others (`exports` of package.json, docs/portal.md).
  {
    name: 'relay/portal',
    files: /^relay\/portal\//,
    may: ['relay/protocol', 'relay/ports', 'relay/shell', 'relay/adapters', 'relay/adapters/browser'],
    packages: [],
    node: false,
  },
  // Imported by tests only: no row names it.
  {
    name: 'relay/testing',
    files: /^relay\/testing\//,
    may: [
      'relay/protocol',
      'relay/core',
      ...CORE_PARTS.map((row) => row.name),
      'relay/domain',
      'relay/ports',
      'relay/shell',
    ],
    packages: true,
    node: true,
  },
  {
    name: 'relay/cli',
    files: /^relay\/cli[^/]*\.ts$|^relay\/cli\//,
    may: [
      'relay/protocol',
      'relay/core',
      'relay/domain',
      'relay/ports',
      'relay/shell',
      'relay/adapters',
      'relay/stdio',
    ],
    packages: true,
    node: true,
  },

  {
    name: 'server/domain',
    files: /^server\/domain\//,
    may: ['relay/protocol'],
    types: ['server/ports'],
    packages: [],
    node: false,
    pure: true,
  },
  {
    name: 'server/core',
    files: /^server\/core\//,
    may: ['relay/protocol', 'server/domain', 'server/ports'],
    packages: [],
    node: false,
    pure: true,
  },
  { name: 'server/ports', files: /^server\/ports\//, may: [], types: ['relay/protocol'], packages: [], node: false },
  { name: 'server/migrations', files: /^server\/migrations\//, may: ['server/ports'], packages: true, node: true },
  {
    name: 'server/adapters',
    files: /^server\/adapters\//,
    may: ['relay/protocol', 'relay/documents', 'server/ports', 'server/migrations'],
    packages: true,
    node: true,
  },
  // Connections over any end: what a socket is, they do not know.
  {
    name: 'server/gateway',
    files: /^server\/gateway\/(?!ends\/)/,
    may: ['relay/protocol', 'server/core', 'server/domain', 'server/ports'],
    packages: ['jose', 'pino'],
    node: ['crypto', 'timers/promises'],
  },
  // The ways that frames come and go by, and the doors to them.
  {
    name: 'server/gateway/ends',
    files: /^server\/gateway\/ends\//,
    may: ['relay/protocol', 'server/core', 'server/ports', 'server/gateway'],
    packages: true,
    node: true,
  },
  {
    name: 'server/http',
    files: /^server\/http\//,
    may: ['relay/protocol', 'server/core', 'server/domain', 'server/ports'],
    packages: true,
    node: true,
  },
  // Imported by tests only, which put whole servers together.
  {
    name: 'server/testing',
    files: /^server\/testing\//,
    may: [
      'relay/protocol',
      'server/core',
      'server/domain',
      'server/ports',
      'server/adapters',
      'server/gateway',
      'server/http',
      'server/composition',
    ],
    packages: true,
    node: true,
  },
  // main.ts, cli.ts, config.ts, worker entries, commands: where adapters meet what they serve.
  {
    name: 'server/composition',
    files: /^server\/([^/]+\.ts$|commands\/)/,
    may: [
      'relay/protocol',
      'relay/stdio',
      'server/core',
      'server/domain',
      'server/ports',
      'server/adapters',
      'server/gateway',
      'server/gateway/ends',
      'server/http',
      'server/migrations',
    ],
    packages: true,
    node: true,
  },

  {
    name: 'renderer',
    files: /^renderer\/(?!platform\/|[^/]+\.config\.ts$)/,
    may: [
      'relay/protocol',
      'relay/documents',
      'relay/domain',
      'relay/shell',
      'relay/adapters/browser',
      'renderer/platform',
    ],
    packages: true,
    node: false,
  },
  // What the web UI needs from its host. The preload satisfies it, so it stands apart.
  {
    name: 'renderer/platform',
    files: /^renderer\/platform\//,
    may: ['relay/protocol'],
    packages: [],
    node: false,
  },

  { name: 'app/ipc', files: /^app\/ipc\//, may: ['relay/protocol'], packages: ['valibot'], node: false },
  {
    name: 'app/preload',
    files: /^app\/preload\//,
    may: ['app/ipc'],
    types: ['renderer/platform'],
    packages: ['electron'],
    node: false,
  },
  {
    name: 'app/main',
    files: /^app\/main\//,
    may: ['app/ipc', 'relay/protocol', 'relay/ports', 'relay/shell', 'relay/adapters'],
    packages: ['electron', 'electron-updater', 'valibot'],
    node: true,
  },

  // Not the product, but what builds and checks it.
  {
    name: 'tooling',
    files: /^build\/|^[^/]+\.config\.ts$|^renderer\/[^/]+\.config\.ts$/,
    may: [],
    packages: true,
    node: true,
  },
]

/**
 * @param {string} part
 * @param {RegExp} files
 * @param {string[]} below parts it may call
 * @returns {Row}
 */
function corePart(part, files, below) {
  return {
    name: `relay/core/${part}`,
    files,
    may: ['relay/protocol', 'relay/domain', ...below.map((name) => `relay/core/${name}`)],
    types: ['relay/ports'],
    packages: [],
    node: false,
    pure: true,
  }
}

/** Files that the rows do not bind: tests, contract suites, and what spans folders. Globs, for lint. */
export const TEST_FILES = ['**/*.test.{ts,tsx}', '**/*.contract.{ts,tsx}', '**/*.e2e.ts', 'test/**']

const TEST_PATH = /\.(test|contract|e2e)\.tsx?$|^test\//

/** @param {string} path from the root, with `/` */
export function isTestFile(path) {
  return TEST_PATH.test(path)
}

/**
 * The rows a file matches: one, if the tree is in order.
 * @param {string} path from the root, with `/`
 */
export function rowsOf(path) {
  return LAYERS.filter((row) => row.files.test(path))
}
