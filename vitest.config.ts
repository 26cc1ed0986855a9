import { availableParallelism } from 'node:os'
import { playwright } from '@vitest/browser-playwright'
import { configDefaults, defineConfig } from 'vitest/config'
import { CHROMIUM_ARGS, findChromium } from './build/chromium.mjs'

const exclude = [...configDefaults.exclude, 'renderer/dist/**', 'app/dist/**', 'dist/**', 'build/node/**']
const INTEGRATION = '**/*.integration.test.{ts,tsx}'
const BROWSER = '**/*.browser.test.{ts,tsx}'
/** What `npm test` has a case of, with everything else: for `npm run prove`. */
const MATRIX = '**/*.matrix.test.{ts,tsx}'

/** By default a machine with two cores gets one. */
const WORKERS = Math.max(2, availableParallelism() - 1)
/** Most of their time they wait: for programs that start, for links that are given up, for disks. */
const WAITING_WORKERS = 2 * WORKERS

/**
 * Ends what hangs, and nothing else: two programs that start in three seconds take a minute on cores that are shared twenty
 * times over.
 */
const PATIENCE_MS = 180_000
/** The same for what is asked again and again until it is so; vitest's own second is met by one busy moment. */
const poll = { timeout: PATIENCE_MS / 2 }

const executablePath = findChromium()

// vitest demands the default export.
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...exclude, INTEGRATION, BROWSER, MATRIX],
          // Nothing starts on import and no module is mocked, so files may share a worker: half of the time is not spent on
          // loading the same modules again.
          isolate: false,
          testTimeout: PATIENCE_MS,
          expect: { poll },
          maxWorkers: WORKERS,
        },
      },
      ...[
        { name: 'integration', include: [INTEGRATION] },
        { name: 'matrix', include: [MATRIX] },
      ].map((project) => ({
        extends: true as const,
        test: {
          ...project,
          exclude,
          testTimeout: PATIENCE_MS,
          expect: { poll },
          hookTimeout: PATIENCE_MS,
          maxWorkers: WAITING_WORKERS,
        },
      })),
      {
        extends: true,
        // Found in the middle of a run, a dependency is bundled then and the page reloads under the tests.
        optimizeDeps: {
          include: [
            '@preact/signals',
            'idb',
            'jose',
            '@tanstack/virtual-core',
            'preact',
            'preact/hooks',
            'preact/jsx-runtime',
            'preact/jsx-dev-runtime',
            'uplot',
            'prosemirror-commands',
            'prosemirror-inputrules',
            'prosemirror-keymap',
            'prosemirror-model',
            'prosemirror-state',
            'prosemirror-view',
            'uuid',
            'valibot',
            'y-prosemirror',
            'yjs',
          ],
        },
        test: {
          name: 'browser',
          include: [BROWSER],
          exclude,
          // Two pages at once: what a test does is done by one thread of its page.
          maxWorkers: WORKERS,
          testTimeout: PATIENCE_MS,
          expect: { poll },
          hookTimeout: PATIENCE_MS,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { args: CHROMIUM_ARGS, ...(executablePath !== null && { executablePath }) },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
