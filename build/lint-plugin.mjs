import { builtinModules } from 'node:module'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isTestFile, rowsOf } from './layers.mjs'

/**
 * `andon/layers`: holds every import of a file against its row in `layers.mjs`. It resolves paths, where
 * `no-restricted-imports` only sees the written string, and it sees all ways in: import, export from,
 * `import()`, `import('…').Type` and worker entries (`new URL('…', import.meta.url)`).
 */

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const BUILTINS = new Set(builtinModules)

/**
 * Why a file may not import something, or null if it may.
 * @param {string} file importing file, from the root, with `/`
 * @param {string} specifier as written
 * @param {boolean} typesOnly nothing of the import exists at run time
 * @returns {string | null}
 */
export function refusal(file, specifier, typesOnly) {
  const [row] = rowsOf(file)
  if (!row) return `${file} is in no layer: give it a row in build/layers.mjs`
  if (specifier.startsWith('node:') || BUILTINS.has(specifier)) {
    if (row.node === true) return null
    if (row.node === false) return `${row.name} may not import Node's modules`
    return row.node.includes(specifier.replace(/^node:/, '')) ? null : `${row.name} may not import Node's ${specifier}`
  }
  if (/^[./]/.test(specifier)) return refusalOfPath(row, file, specifier, typesOnly)
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  const allowed = row.packages === true ? name !== 'electron' && !name.startsWith('#') : row.packages.includes(name)
  return allowed ? null : `${row.name} may not import the package ${name}`
}

/**
 * @param {import('./layers.mjs').Row} row
 * @param {string} file
 * @param {string} specifier
 * @param {boolean} typesOnly
 */
function refusalOfPath(row, file, specifier, typesOnly) {
  const withoutQuery = specifier.replace(/[?#].*$/, '') // Vite's `?url` and the like
  const path = relative(ROOT, resolve(ROOT, dirname(file), withoutQuery))
    .split(sep)
    .join('/')
  if (path === 'package.json' && row.packages === true) return null // the version
  if (isTestFile(path)) return `${row.name} may not import a test`
  const [target] = rowsOf(path)
  if (!target) return `${path} is in no layer of build/layers.mjs`
  if (target === row || row.may.includes(target.name)) return null
  if (!row.types?.includes(target.name)) return `${row.name} may not import ${target.name}`
  return typesOnly ? null : `${row.name} may import only types of ${target.name}`
}

/** `import type …`, `export type …`, or nothing but `type` specifiers (those alone would still load the module). */
const isTypeOnly = (/** @type {any} */ node) => (node.importKind ?? node.exportKind) === 'type'

const isOwnUrl = (/** @type {any} */ node) =>
  node.callee.name === 'URL' &&
  node.arguments[0]?.type === 'Literal' &&
  node.arguments[1]?.type === 'MemberExpression' &&
  node.arguments[1].object.type === 'MetaProperty'

const layers = {
  create(/** @type {any} */ context) {
    const file = relative(ROOT, context.filename).split(sep).join('/')
    const check = (/** @type {any} */ node, /** @type {any} */ source, typesOnly = false) => {
      // A computed import cannot be held against the table.
      const reason =
        typeof source?.value === 'string'
          ? refusal(file, source.value, typesOnly)
          : 'import something that can be read here'
      if (reason !== null) context.report({ node, message: reason })
    }
    return {
      ImportDeclaration: (/** @type {any} */ node) => check(node, node.source, isTypeOnly(node)),
      ExportAllDeclaration: (/** @type {any} */ node) => check(node, node.source, isTypeOnly(node)),
      ExportNamedDeclaration: (/** @type {any} */ node) => node.source && check(node, node.source, isTypeOnly(node)),
      ImportExpression: (/** @type {any} */ node) => check(node, node.source),
      TSImportType: (/** @type {any} */ node) => check(node, node.source, true),
      NewExpression: (/** @type {any} */ node) => isOwnUrl(node) && check(node, node.arguments[0]),
    }
  },
}

// oxlint reads a plugin's default export.
export default { meta: { name: 'andon' }, rules: { layers } }
