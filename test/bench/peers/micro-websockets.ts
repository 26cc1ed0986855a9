import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Measured } from '../processes.ts'
import type { Subject } from '../subject.ts'
import { everybodyHears } from './plain-ws.ts'

/** Where its package was put by hand; it is no dependency, and has builds for some machines and older Nodes only. */
const PACKAGE = process.env['ANDON_BENCH_UWS']
/** What runs it. */
const NODE = process.env['ANDON_BENCH_UWS_NODE'] ?? process.execPath

/** Null where it can be measured, else why not. */
export function whyNoMicroWebSockets(): string | null {
  if (PACKAGE === undefined) return 'µWebSockets: ANDON_BENCH_UWS names no package'
  return existsSync(join(PACKAGE, 'package.json')) ? null : `µWebSockets: there is no package in ${PACKAGE}`
}

/** Native code, and the least that a fan-out can cost: nothing is kept, ordered or answered. */
export async function startMicroWebSockets(): Promise<Subject> {
  const server = new Measured(NODE, [join(import.meta.dirname, 'micro-websockets-server.mjs'), '0', PACKAGE ?? ''])
  const url = `ws://127.0.0.1:${String((await server.firstLine())['port'])}/`
  return {
    name: 'µWebSockets',
    process: server,
    ...everybodyHears(url),
    stop: () => server.stop(),
  }
}
