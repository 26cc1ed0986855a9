/** The server with a fiftieth of its patience for slow HTTP clients, as a program of its own: what takes 10 s shows in 200 ms. */
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { HTTP_PATIENCE } from '../../server/http/limits.ts'
import { loadConfig } from '../../server/config.ts'
import { startServer } from '../../server/main.ts'

const FASTER = 50

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    data: { type: 'string' },
    pages: { type: 'string' },
    port: { type: 'string' },
    'log-level': { type: 'string' },
    'heartbeat-ms': { type: 'string' },
  },
})
const flags = {
  data: values.data,
  pages: values.pages,
  port: values.port,
  logLevel: values['log-level'],
  heartbeatMs: values['heartbeat-ms'],
}
const loaded = loadConfig({ flags, env: {} })
if (!loaded.ok) throw new Error(loaded.message)
const { headersMs, requestMs, checkMs } = HTTP_PATIENCE
const patience = { headersMs: headersMs / FASTER, requestMs: requestMs / FASTER, checkMs: checkMs / FASTER }
const server = await startServer(loaded.config, pino({ level: loaded.config.logLevel }, pino.destination(2)), {
  patience,
})
process.stdout.write(`${JSON.stringify({ event: 'listening', url: server.url })}\n`)
