/** The server, which says what its main thread holds when it gets `SIGUSR2`: without what is only not collected yet. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
process.on('SIGUSR2', () => {
  collect()
  process.stdout.write(`${JSON.stringify({ kind: 'held', bytes: process.memoryUsage().heapUsed })}\n`)
})
await import('../../server/cli.ts')
