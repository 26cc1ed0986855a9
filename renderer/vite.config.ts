import { defineConfig } from 'vite'

// Run by build/pages.mjs, which adds the service worker. vite demands the default export.
export default defineConfig({
  root: import.meta.dirname,
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
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  // `new SharedWorker(new URL('./relay.worker.ts', import.meta.url), { type: 'module' })`
  worker: { format: 'es' },
})
