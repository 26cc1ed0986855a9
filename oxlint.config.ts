import { LAYERS, TEST_FILES } from './build/layers.mjs'

/** What a pure layer may not touch: time, chance, the world, and `globalThis`, which holds them all. */
const IMPURE = `
  Date performance setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask
  requestAnimationFrame requestIdleCallback Promise crypto fetch WebSocket EventSource XMLHttpRequest BroadcastChannel
  MessageChannel Worker SharedWorker Notification window document navigator location localStorage sessionStorage
  indexedDB caches process Buffer require console globalThis global self`
  .trim()
  .split(/\s+/)
  .map((name) => ({ name, message: 'A pure layer gets time, chance and the world as inputs (build/layers.mjs).' }))

const pureRules = {
  'eslint/no-restricted-globals': ['error', ...IMPURE],
  'eslint/no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Chance is an input.' },
    { object: 'Intl', property: 'DateTimeFormat', message: 'The time zone of the machine is an input.' },
  ],
  'oxc/no-async-await': 'error',
}

// oxlint demands the default export.
export default {
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  jsPlugins: ['./build/lint-plugin.mjs'],
  options: { typeAware: true, reportUnusedDisableDirectives: 'error', denyWarnings: true },
  ignorePatterns: ['renderer/dist', 'app/dist', 'dist', '**/node_modules'],
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'andon/layers': 'error',
    'eslint/eqeqeq': 'error',
    'eslint/no-console': 'error',
    'eslint/no-empty': 'error',
    // Types too: a circle of them runs, but nobody can read one of its files without all the others.
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-non-null-assertion': 'error',
    // Every brand is made by a narrowing `as` behind its check; what must not spread is `any`.
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/no-unsafe-argument': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    // Only `window.postMessage` takes an origin; ours go to ports, workers and channels.
    'unicorn/require-post-message-target-origin': 'off',
    // A helper may stand beside its one use.
    'unicorn/consistent-function-scoping': 'off',
    // A `then` that only acts is the shell's way of leaving a promise behind with its failure handled.
    'promise/always-return': 'off',
    // `fc.string` and `z.string` are how these libraries are read.
    'import/no-named-as-default-member': 'off',
    'typescript/require-array-sort-compare': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
  },
  // An override replaces a rule's options instead of adding to them: pure rows must stay disjoint, and they are,
  // because each is its own folder.
  overrides: [
    ...LAYERS.filter((row) => row.pure).map((row) => ({
      files: [`${row.name}/**`],
      excludeFiles: TEST_FILES,
      rules: pureRules,
    })),
    // vitest's asymmetric matchers are `any` by declaration.
    { files: TEST_FILES, rules: { 'andon/layers': 'off' } },
    { files: [...TEST_FILES, '*/testing/**'], rules: { 'typescript/no-unsafe-assignment': 'off' } },
    {
      files: ['**/*.config.ts', 'build/lint-plugin.mjs', 'build/fuses.mjs'],
      rules: { 'import/no-default-export': 'off' },
    },
    // The plugin walks a syntax tree that has no types.
    {
      files: ['build/lint-plugin.mjs'],
      rules: {
        'typescript/no-unsafe-argument': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-call': 'off',
        'typescript/no-unsafe-member-access': 'off',
        'typescript/no-unsafe-return': 'off',
      },
    },
  ],
}
