/**
 * `npm run bench [-- NAME …]`: each bench runs Andon and its peers one after the other in the same run and prints a table.
 * It asserts nothing. The method is written down in `docs/performance.md`.
 */
import { measureFanOut, type FanOutRow } from './fan-out.ts'
import { startAndon } from './andon.ts'
import { installedPeers } from './peers.ts'

const SUBSCRIBERS = 500
const FAN_OUT = { subscribers: SUBSCRIBERS, inFlight: 8, seconds: 5, perSecond: 50 }

async function fanOut(): Promise<void> {
  print(`\nFan-out: ${SUBSCRIBERS} subscribers, one core for the server, closed loop of 8, then 50 events a second\n`)
  const rows: FanOutRow[] = []
  const subjects = [...installedPeers(), { name: 'Andon', start: () => startAndon(SUBSCRIBERS + 1) }]
  for (const { name, start } of subjects) {
    process.stderr.write(`  ${name} …\n`)
    rows.push(await measureFanOut(start, FAN_OUT))
  }
  print(
    `${'system'.padEnd(18)}${'µs/delivery'.padStart(13)}${'deliveries/s'.padStart(14)}${'µs at 50/s'.padStart(12)}${'KB/conn'.padStart(9)}`,
  )
  for (const row of rows) {
    print(
      row.name.padEnd(18) +
        row.closedMicrosPerDelivery.toFixed(2).padStart(13) +
        Math.round(row.deliveriesPerSecond).toLocaleString('en').padStart(14) +
        row.pacedMicrosPerDelivery.toFixed(2).padStart(12) +
        row.kilobytesPerConnection.toFixed(1).padStart(9),
    )
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

await fanOut()
// Raw sockets to servers that are gone keep nothing alive that matters.
process.exit(0)
