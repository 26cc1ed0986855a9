import { defineConfig, type Plugin } from 'vite'

/**
 * What nearly every view uses is one file: split by who shares what, it becomes eight, each compressed for itself, and some so
 * small that compressing them is not worth it. The first load has a budget (test/e2e/pwa.e2e.ts).
 */
const SHARED = [
  /node_modules\/(preact|@preact)\//,
  /renderer\/text\/(author-name|en|format|grouped|quantity|standing-words|text)\.ts$/,
  /renderer\/state\/(actions|place|quiet|typed|use-app|use-displayed|use-moved|use-held-rows|held-order|paced|use-breaches|talk|app|alarms|presses|press-guard|touch|rooms|attention|sound|sound-plan)\.ts$/,
  /renderer\/components\/(absence|button|done-bar|empty|freshness|kept-focus|newcomers|line-value|pending-mark|priority-mark|short-list|sign|standing-sign|status-sign|time|use-scroller|view-header)\.tsx?$/,
  /renderer\/views\/(alarm-banners|alarm-title|alert-item|alert-text|announcer|bars|connection-pill|header|later-views|navigation|p0-actions|p0-alarms|p0-overlay|press-notice|shell|sign-in-view|undo-notice)\.tsx?$/,
  /relay\/protocol\/(alert-state|channels|limits|local|printable|machine-names|name-patterns|order-fields|plain-text|record-words|room-names|rights)\.ts$/,
  /relay\/window\.ts$/,
  /relay\/domain\/(alerts|apply-body|channel-events|chat|feed|keyed-change|line-state|line-values|live|orders|pending|prefs|presence|read-marks|recent|rejections|telemetry|urgency|window-model)\.ts$/,
]

/**
 * What Vite puts around each script that is loaded later: it looks for styles and for further scripts to load beside it. Ours
 * have no styles of their own, what they share is on the page already, and the helper is most of a kilobyte of the first load.
 */
const plainLater: Plugin = {
  name: 'andon-plain-later',
  enforce: 'pre',
  load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load()' : null),
}

// Run by build/pages.mjs, which adds the service worker. vite demands the default export.
export default defineConfig({
  root: import.meta.dirname,
  // Addresses are relative to the page: it does not know below which path a proxy shows it.
  base: './',
  plugins: [plainLater],
  // Preact needs no plugin: oxc compiles the JSX.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Only this one of our variables goes into the page: the name of the build.
  define: { 'import.meta.env.ANDON_BUILD': JSON.stringify(process.env['ANDON_BUILD'] ?? 'dev') },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: 'assets',
    target: ['chrome130', 'safari17'],
    // The page runs under a strict content-security policy with Trusted Types: nothing inline, nothing injected.
    assetsInlineLimit: 0,
    // Beside the page's first script what it imports, and nothing beside those that are loaded later.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_url, dependencies, { hostType }) => (hostType === 'html' ? dependencies : []),
    },
    sourcemap: false,
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'shared', test: (id) => SHARED.some((one) => one.test(id)) }] },
      },
    },
  },
  // `new SharedWorker(new URL('./relay.worker.ts', import.meta.url), { type: 'module' })`
  worker: { format: 'es' },
})
