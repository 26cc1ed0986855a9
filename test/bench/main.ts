/**
 * `npm run bench [-- NAME …]` with the names `fan-out`, `commands`, `storm`. Each bench runs Andon and, where there are any,
 * its peers one after the other in the same run, and prints a table. It asserts nothing; `docs/performance.md` has the method.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/processes.ts'
import { createDevice } from '../support/wire-client.ts'
import { startAndon, startServer } from './andon.ts'
import { measureCommands } from './commands.ts'
import { measureFanOut, type FanOutRow } from './fan-out.ts'
import { installedPeers } from './peers.ts'
import { listening, type Measured } from './processes.ts'
import { measureSingleCommits } from './single-commits.ts'
import { measureStorm } from './storm.ts'

const SUBSCRIBERS = 500
const FAN_OUT = { subscribers: SUBSCRIBERS, inFlight: 8, seconds: 5, perSecond: 50 }
const RELAYS = 5_000

const BENCHES: Readonly<Record<string, () => Promise<void>>> = { 'fan-out': fanOut, commands: commands, storm: storm }

async function fanOut(): Promise<void> {
  print(`\nFan-out: ${SUBSCRIBERS} subscribers, one core for the server, closed loop of 8, then 50 events a second`)
  const rows: FanOutRow[] = []
  for (const { name, start } of [...installedPeers(), { name: 'Andon', start: () => startAndon(SUBSCRIBERS + 1) }]) {
    process.stderr.write(`  ${name} …\n`)
    rows.push(await measureFanOut(start, FAN_OUT))
  }
  print(
    `${'system'.padEnd(18)}${'µs/delivery'.padStart(13)}${'deliveries/s'.padStart(14)}${'µs at 50/s'.padStart(12)}${'KB/conn'.padStart(9)}`,
  )
  for (const row of rows) {
    const cells = [
      row.closedMicrosPerDelivery.toFixed(2).padStart(13),
      Math.round(row.deliveriesPerSecond).toLocaleString('en').padStart(14),
    ]
    print(
      row.name.padEnd(18) +
        cells.join('') +
        row.pacedMicrosPerDelivery.toFixed(2).padStart(12) +
        row.kilobytesPerConnection.toFixed(1).padStart(9),
    )
  }
}

async function commands(): Promise<void> {
  const disk = measureSingleCommits(2)
  const row = await measureCommands({ devices: 50, inFlight: 2, seconds: 5 })
  print(
    `\nDurable commands: 50 devices, 2 in flight each; this disk gives ${Math.round(disk).toLocaleString('en')} single fsynced commits a second`,
  )
  print(
    `  ${Math.round(row.perSecond).toLocaleString('en')} commands/s (${(row.perSecond / disk).toFixed(2)} × single commits), p50 ${row.p50Ms.toFixed(1)} ms, p99 ${row.p99Ms.toFixed(1)} ms`,
  )
}

async function storm(): Promise<void> {
  print(
    `\nReconnect storm: ${RELAYS.toLocaleString('en')} relays, SIGKILL of the server, an alert before they are back`,
  )
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-storm-'))
  const port = await freePort()
  const start = (): Measured => startServer(folder, port, ['--demo'])
  let server = start()
  await server.firstLine()
  const devices = await Promise.all(Array.from({ length: RELAYS }, () => createDevice()))
  const url = `http://127.0.0.1:${port}`
  const row = await measureStorm(url, devices, {
    kill: () => server.stop(),
    async restart() {
      server = start()
      await listening(port)
    },
    async missed() {
      const body = JSON.stringify({ priority: 'P0', area: 'line-3', title: 'Evacuate hall 3' })
      const headers = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }
      await fetch(`${url}/api/alerts`, { method: 'POST', headers, body })
    },
  })
  print(
    `  back on alerts/urgent after the server's first answer: p50 ${row.p50.toFixed(1)} s, p99 ${row.p99.toFixed(1)} s, last ${row.last.toFixed(1)} s; ${row.turnedAway} times sent away with a delay`,
  )
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

const named = process.argv.slice(2)
const unknown = named.find((name) => !Object.hasOwn(BENCHES, name))
if (unknown !== undefined) {
  process.stderr.write(`There is no bench "${unknown}"; there are ${Object.keys(BENCHES).join(', ')}.\n`)
  process.exit(2)
}
for (const [name, bench] of Object.entries(BENCHES)) if (named.length === 0 || named.includes(name)) await bench()
// Raw sockets to servers that are gone keep nothing alive that matters.
process.exit(0)
