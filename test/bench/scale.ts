import { rowsOf, type Bench } from './bench.ts'
import { simulate, type Storm } from './storm-of-nodes.ts'
import type { Row } from './table.ts'

/** As `docs/scale.md` says what greetings cost. */
const MEASURED = { downMs: 5_000, nodePerSecond: 900, seed: 1, client: 'andon' } as const

const STORMS: readonly (Storm & { readonly name: string })[] = [
  {
    ...MEASURED,
    name: '10⁵ devices, one of 20 nodes lost',
    devices: 100_000,
    nodes: 20,
    lost: 1,
    databasePerSecond: 500,
  },
  {
    ...MEASURED,
    name: '10⁵ devices, 7 of 20 nodes lost',
    devices: 100_000,
    nodes: 20,
    lost: 7,
    databasePerSecond: 500,
  },
  {
    ...MEASURED,
    name: '10⁵ devices, all started again',
    devices: 100_000,
    nodes: 20,
    lost: 20,
    databasePerSecond: 500,
  },
  {
    ...MEASURED,
    name: '10⁶ devices, 20 of 200 nodes lost',
    devices: 1_000_000,
    nodes: 200,
    lost: 20,
    databasePerSecond: 5_000,
  },
  {
    ...MEASURED,
    name: '10⁴ plain clients, all started again',
    devices: 10_000,
    nodes: 2,
    lost: 2,
    databasePerSecond: 50,
    client: 'plain',
  },
]

export const SCALE: Bench = {
  name: 'scale',
  says: 'storms of reconnects over up to 200 nodes, simulated with the back-off of relays and the door of servers',
  seconds: 90,
  async run(progress) {
    return [
      {
        title: 'Devices that come back over many nodes, simulated',
        columns: [
          { name: 'half, s', better: 'less', digits: 1 },
          { name: 'p99, s', better: 'less', digits: 1 },
          { name: 'last, s', better: 'less', digits: 1 },
          { name: 'ideal, s', better: 'less', digits: 1 },
          { name: 'sent away', better: 'less', digits: 0 },
          { name: 'wasted', better: 'less', digits: 0 },
        ],
        rows: await rowsOf(STORMS, progress, (storm) => Promise.resolve(rowOf(storm))),
        ours: '',
        notes: [
          `Each node greets ${MEASURED.nodePerSecond} devices a second, and the database what docs/scale.md says; ideal is the work over that. A dash: not within three times the ideal.`,
          'Wasted: greetings whose device had given up by the time they were through. A plain client tries each second and knows no door.',
        ],
      },
    ]
  },
}

function rowOf({ name, ...storm }: Storm & { readonly name: string }): Row {
  const { halfS, p99S, lastS, idealS, sentAway, wasted } = simulate(storm)
  return { name, values: [halfS, p99S, lastS, idealS, sentAway, wasted] }
}
