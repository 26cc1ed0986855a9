import { endToEnd, kioskEndToEnd, runSteps, single, soakStep, vitest, whyNoKiosk } from './steps.mjs'
import { ensureRenderer, runTool } from './tasks.mjs'

/** @typedef {import('./bootstrap.mjs').Runtime} Runtime */
/** @typedef {import('./steps.mjs').Step} Step */

/** @type {Step[]} */
export const CHECK = [
  { name: 'format', budget: 2, run: ({ runtime }) => single(runTool(runtime, 'oxfmt', ['--check', '.'])) },
  { name: 'lint', budget: 10, run: ({ runtime }) => single(runTool(runtime, 'oxlint', ['.'])) },
  { name: 'types', budget: 8, run: ({ runtime }) => single(runTool(runtime, 'tsc', ['--noEmit'])) },
  { name: 'unit', budget: 25, takesExtra: true, run: (bench) => vitest(bench, 'unit') },
]

/** Minutes of faults on real processes; `prove` has more of them. 0 is none. */
const SOAK_MINUTES = process.env['ANDON_SOAK_MINUTES'] || '1'

/** @type {Step[]} */
export const TEST = [
  ...CHECK,
  { name: 'integration', budget: 210, takesExtra: true, run: (bench) => vitest(bench, 'integration') },
  { name: 'build', budget: 5, run: ({ runtime }) => single(ensureRenderer(runtime).then(() => 0)) },
  { name: 'browser', budget: 80, needsChromium: true, takesExtra: true, run: (bench) => vitest(bench, 'browser') },
  { name: 'e2e', budget: 180, needsChromium: true, takesExtra: true, run: (bench) => endToEnd(bench) },
  { name: 'kiosk', budget: 130, missing: whyNoKiosk, takesExtra: true, run: kioskEndToEnd },
  { name: 'soak', budget: 70, missing: whyNoSoak, run: (bench) => soakStep(bench, SOAK_MINUTES) },
]

/** @type {(runtime: Runtime, names: string[]) => Promise<number>} */
export const check = (runtime, names) => runSteps(CHECK, runtime, names)

/** @type {(runtime: Runtime, names: string[]) => Promise<number>} */
export const test = (runtime, names) => runSteps(TEST, runtime, names)

function whyNoSoak() {
  return SOAK_MINUTES === '0' ? 'ANDON_SOAK_MINUTES is 0' : null
}
