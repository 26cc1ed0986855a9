/**
 * `npm run prove`: the matrix of which `npm test` runs a case each. Many schedules of chance through the model, the rules of the
 * wire over every way and on every store (`*.matrix.test.ts`), every screen in every size, theme and language, the kiosk's
 * windows again and again, proxies as slow as real ones, and long fault runs on real processes: one server, and three nodes.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Problem } from './console.mjs'
import { endToEnd, kioskEndToEnd, runSteps, soakStep, vitest, whyNoKiosk } from './steps.mjs'

/** @typedef {import('./bootstrap.mjs').Runtime} Runtime */
/** @typedef {import('./steps.mjs').Step} Step */

const MINUTES = 25
/** Of the fault run: what is left, and no more than finds something new. */
const MAX_SOAK_MINUTES = 10
/** Of the fault run of three nodes. */
const NODES_MINUTES = '3'
/** As many as five minutes hold, which is ten times those of `npm test` and more, and other ones each time. */
const MODEL = { ANDON_MODEL_RUNS: '200000', ANDON_MODEL_SEED: 'random', ANDON_MODEL_SECONDS: '300' }

/** Connections that are cut after 100 s, dropped without a word after 30 s, tunnels that end after 10 s, instead of after fewer. */
const OBSTACLES = { ANDON_OBSTACLES: 'full' }
const SLOW_CASES = [
  'test/faults/obstacles',
  'test/faults/front-obstacles',
  'test/faults/presence',
  'test/faults/photo-kills',
]

/** @type {Step[]} */
const PROVE = [
  { name: 'model', run: (bench) => vitest({ ...bench, extra: ['test/model'] }, 'integration', MODEL) },
  { name: 'matrix', takesExtra: true, run: (bench) => vitest(bench, 'matrix') },
  {
    name: 'walk',
    needsChromium: true,
    run: (bench) => endToEnd({ ...bench, extra: ['accessibility'] }, { ANDON_WALK: 'all' }),
  },
  {
    name: 'kiosk',
    missing: whyNoKiosk,
    run: (bench) => kioskEndToEnd({ ...bench, extra: ['kiosk-lockdown', '--repeat-each', '5'] }),
  },
  { name: 'nodes', missing: whyNoNodes, run: (bench) => soakStep(bench, NODES_MINUTES, ['--nodes']) },
  {
    name: 'obstacles',
    run: (bench) =>
      vitest(
        { ...bench, extra: [...SLOW_CASES, '-t', 'cut|dropped|tunnels end|every roster'] },
        'integration',
        OBSTACLES,
      ),
  },
  {
    name: 'soak',
    run: (bench) => {
      const minutes = Math.min(MAX_SOAK_MINUTES, Math.ceil(bench.secondsLeft / 60))
      return soakStep(bench, String(minutes))
    },
  },
]

function whyNoNodes() {
  const { status, stdout } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' })
  const isThere = (/** @type {string} */ name) =>
    ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin'].some((folder) => existsSync(join(folder, name)))
  if (status === 0 && existsSync(join(stdout.trim(), 'initdb')) && isThere('redis-server') && isThere('nginx'))
    return null
  return 'PostgreSQL, Redis or nginx is not installed'
}

const USAGE = `The matrix of which npm test runs a case each. What does not run is said.

  node build/run.mjs prove [STEP …] [--minutes N]

  STEP           ${PROVE.map(({ name }) => name).join(', ')}; all unless named
  --minutes N    no step begins after so long (${MINUTES})
  --help         this
`

/** @type {(runtime: Runtime, args: string[]) => Promise<number>} */
export async function prove(runtime, args) {
  const { values, positionals } = parse(args)
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const minutes = Number(values.minutes)
  if (!(minutes >= 1 && minutes <= 24 * 60)) throw new Problem('--minutes is a number from 1 to 1440', 2)
  return runSteps(PROVE, runtime, positionals, { seconds: minutes * 60 })
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { minutes: { type: 'string', default: String(MINUTES) }, help: { type: 'boolean', default: false } },
    })
  } catch (cause) {
    throw new Problem(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`, 2)
  }
}
