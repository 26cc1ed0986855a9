/** A portal as somebody would make it who read `docs/portal.md`: its lines as they stand there, and Andon as a dependency. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const DOCUMENT = readFileSync(join(ROOT, 'docs/portal.md'), 'utf8')
const [PROGRAM = '', WORKER = '', PAGE = ''] = [...DOCUMENT.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
  ([, text = '']) => text,
)

const COMPILER = {
  target: 'es2024',
  lib: ['es2024', 'dom', 'dom.iterable', 'dom.asynciterable'],
  types: ['node', 'vite/client'],
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  noEmit: true,
  strict: true,
  skipLibCheck: true,
}

/** Writes it into this folder. `url`: of the server, in the place of the document's. */
export function makePortal(folder: string, url: string): void {
  const packages = join(folder, 'node_modules')
  mkdirSync(join(packages, '@types'), { recursive: true })
  // What `npm install ../andon` makes of a folder.
  symlinkSync(ROOT, join(packages, 'andon'))
  for (const name of ['vite', '@types/node']) symlinkSync(join(ROOT, 'node_modules', name), join(packages, name))
  const files = {
    'package.json': JSON.stringify({ name: 'portal', type: 'module', private: true }),
    'tsconfig.json': JSON.stringify({ compilerOptions: COMPILER, include: ['*.ts'] }),
    'program.ts': PROGRAM.replace('http://127.0.0.1:7070', url),
    'relay.worker.ts': WORKER,
    'page.ts': PAGE,
    'index.html':
      '<!doctype html><html lang="en"><title>Portal</title><link rel="icon" href="./icon.svg"><script type="module" src="./page.ts"></script></html>',
    // Without one a browser asks for another, and logs that there is none.
    'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'vite.config.js':
      "export default { worker: { format: 'es' }, build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0 } }",
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}
