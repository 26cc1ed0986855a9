#!/usr/bin/env node
/**
 * The one way into Andon: `node build/run.mjs COMMAND …`. It makes the checkout runnable (bootstrap.mjs) and then
 * becomes the command: same arguments, same stdin and stdout, same signals, same exit code.
 *
 * Plain JavaScript without dependencies, for any Node from 18: this file runs before there is anything else.
 * Its own words go to stderr, because stdout is the contract of the commands.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { become } from './child.mjs'
import { Problem, ROOT, say } from './console.mjs'
import { check, test } from './checks.mjs'
import { prove } from './prove.mjs'
import { dist, kiosk, start } from './kiosk-tasks.mjs'
import { bench, build, conformance, format, screenshots, server as runServer, soak } from './tasks.mjs'

/** @typedef {import('./bootstrap.mjs').Runtime} Runtime */
/** @typedef {{ help: string, run: (runtime: Runtime, args: string[]) => Promise<number> }} Command */

/** @type {(name: string, help: string) => [string, Command]} */
const ofServer = (name, help) => [
  name,
  { help, run: (runtime, args) => become(runtime, [join(ROOT, 'server/cli.ts'), name, ...args]) },
]

/** @type {Map<string, Command>} */
const COMMANDS = new Map([
  ['server', { help: 'the central server', run: runServer }],
  [
    'relay',
    {
      help: 'a headless relay: commands in, events out, JSON lines',
      run: (runtime, args) => become(runtime, [join(ROOT, 'relay/cli.ts'), ...args]),
    },
  ],
  ofServer('alert', 'raise, acknowledge, resolve and list alerts'),
  ofServer('admin', 'areas, users, API keys; backup and restore'),
  ofServer('doctor', 'what is wrong with this installation, in words'),
  ['start', { help: 'the server with demonstration data in ./data/demo, and a kiosk (npm start)', run: start }],
  ['kiosk', { help: 'the kiosk alone: --server URL (npm run kiosk)', run: kiosk }],
  ['dist', { help: 'packages of the kiosk: --dir, --linux, --win, --mac (npm run dist)', run: dist }],
  ['build', { help: 'build the web UI into renderer/dist', run: build }],
  ['format', { help: 'format every file in place', run: format }],
  ['check', { help: 'format, lint, types, unit tests; under a minute', run: check }],
  ['soak', { help: 'faults on real processes for some minutes, checked by a ledger', run: soak }],
  ['conformance', { help: 'the rules of the wire against any server', run: conformance }],
  ['bench', { help: 'measure beside the peers that are installed; asserts nothing', run: bench }],
  ['screenshots', { help: 'every screen as a picture: --only PART, --out FOLDER', run: screenshots }],
  ['prove', { help: 'the matrix behind the tests, 25 minutes of it (npm run prove)', run: prove }],
  ['test', { help: 'check, then integration, browser and end-to-end tests (npm test)', run: test }],
])

function usage() {
  const rows = [...COMMANDS].map(([name, { help }]) => `  ${name.padEnd(13)}${help}`)
  return `Usage: andon COMMAND [ARGUMENT …]     (in a checkout: node build/run.mjs COMMAND …)

${rows.join('\n')}

andon COMMAND --help says more about one command.
`
}

/** @param {string[]} argv */
async function main([name, ...args]) {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage())
    return 0
  }
  if (name === '--version') {
    const text = readFileSync(join(ROOT, 'package.json'), 'utf8')
    const { version } = /** @type {{ version: string }} */ (JSON.parse(text))
    process.stdout.write(`${version}\n`)
    return 0
  }
  const command = name === undefined ? undefined : COMMANDS.get(name)
  if (!command) {
    process.stderr.write(name === undefined ? usage() : `andon: unknown command ${name}\n\n${usage()}`)
    return 2
  }
  return await command.run(await bootstrap(), args)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Problem)) throw error
  say(error.message)
  process.exitCode = error.exitCode
}
