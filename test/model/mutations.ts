/**
 * Do the model tests bite? Breaks one central rule at a time in a copy of the sources and plays schedules against it: every
 * mutant has to be killed. Run by hand, some minutes: `node test/model/mutations.ts [NAME…]`.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

interface Mutation {
  /** The rule, as it is broken. */
  readonly breaks: string
  readonly file: string
  readonly from: string
  readonly to: string
  /**
   * What has to fail: the random schedules, those in which a link moves, what they found once (too rare to be found each time),
   * the contract that every store keeps, a restore of a real database, or links by requests.
   */
  readonly by: 'model' | 'moves' | 'found' | 'contract' | 'restore' | 'ways'
}

/** Enough for the rarest of these; most die within a hundred. */
const SCHEDULES = 10_000
const ROOT = resolve(import.meta.dirname, '../..')

export const MUTATIONS: readonly Mutation[] = [
  {
    breaks: 'the store takes mark + 2',
    file: 'server/testing/memory-database.ts',
    from: "if (seq > mark + 1) return { kind: 'expect', seq: mark + 1 }\n    if (seq === mark + 1 &&",
    to: "if (seq > mark + 2) return { kind: 'expect', seq: mark + 1 }\n    if (seq > mark &&",
    by: 'model',
  },
  {
    breaks: 'the store calls mark + 2 a fork',
    file: 'server/testing/memory-database.ts',
    from: 'if (seq > mark + 1) return',
    to: 'if (seq > mark + 2) return',
    by: 'model',
  },
  {
    breaks: 'the store carries out a repeat again',
    file: 'server/testing/memory-database.ts',
    from: "if (row !== undefined && row.id === id) return { kind: 'done', outcome: row.outcome, repeated: true }",
    to: 'if (row !== undefined && row.id === id) return null',
    by: 'model',
  },
  {
    breaks: 'a restore keeps the epochs',
    file: 'server/testing/memory-database.ts',
    from: 'channel.epoch = this.#newEpoch()',
    to: 'channel.epoch = channel.epoch',
    by: 'model',
  },
  {
    breaks: 'SQLite takes mark + 2',
    file: 'server/adapters/sqlite/commands.ts',
    from: "if (seq > mark + 1) return { kind: 'expect', seq: mark + 1 }\n    if (seq === mark + 1 &&",
    to: "if (seq > mark + 2) return { kind: 'expect', seq: mark + 1 }\n    if (seq > mark &&",
    by: 'contract',
  },
  {
    breaks: 'SQLite carries out a repeat again',
    file: 'server/adapters/sqlite/commands.ts',
    from: 'if (row !== undefined && row.id === id) return {',
    to: 'if (row !== undefined && row.id === id) return null\n    if (row !== undefined && row.id === id) return {',
    by: 'contract',
  },
  {
    breaks: 'an SQLite restore keeps the incarnation and the epochs',
    file: 'server/adapters/sqlite/restore.ts',
    from: 'newIncarnation(db, new ChannelTable(db))',
    to: 'void [newIncarnation, ChannelTable]',
    by: 'restore',
  },
  {
    breaks: 'an SQLite restore keeps the epochs',
    file: 'server/adapters/sqlite/incarnation.ts',
    from: 'channels.rotateEpochs()',
    to: 'void channels',
    by: 'restore',
  },
  {
    breaks: 'the store takes what came behind another command',
    file: 'server/ports/lane-order.ts',
    from: 'return after === undefined || last === null || after === last',
    to: 'return true',
    by: 'contract',
  },
  {
    breaks: 'the relay keeps a result that a restore took back',
    file: 'relay/core/outbox/lane.ts',
    from: "row.seq > mark && status === 'settling'",
    to: "row.seq > mark && status === 'settling' && row.seq < 0",
    by: 'found',
  },
  {
    breaks: 'the relay goes on where the server lacks what has ended',
    file: 'relay/core/engine.ts',
    from: 'if (hasToGreetAgain(outbox)) greetAgain(state, turn)',
    to: 'void [hasToGreetAgain, greetAgain]',
    by: 'found',
  },
  {
    breaks: 'a pong leaves ahead of what it calls written',
    file: 'server/gateway/welcomed-device.ts',
    from: "channels: this.subscriptions.positions(),\n      },\n      'normal',",
    to: 'channels: this.subscriptions.positions(),\n      },',
    by: 'found',
  },
  {
    breaks: 'every copy of a disk ends the session by the same command',
    file: 'relay/core/people/ending.ts',
    from: 'const made = { id, ref, lane,',
    to: 'const made = { id: session as string as CommandId, ref, lane,',
    by: 'found',
  },
  {
    breaks: 'the relay sends before the command is durable',
    file: 'relay/core/outbox/number.ts',
    from: 'lane.next = row.seq + 1',
    to: 'lane.next = row.seq + 1\n  lane.savedUpTo = row.seq',
    by: 'model',
  },
  {
    breaks: 'the relay confirms a result before it is durable',
    file: 'relay/core/outbox/delivery.ts',
    from: 'const upTo = oldest(lane) - 1',
    to: 'const upTo = lane.unanswered - 1',
    by: 'model',
  },
  {
    breaks: 'the relay forgets a command before its result is durable',
    file: 'relay/core/outbox/delivery.ts',
    from: "save(turn, writes, { kind: 'resultStored', id: entry.row.id, settled })",
    to: 'save(turn, writes)\n  outbox.byId.delete(entry.row.id)\n  lane.entries.delete(frame.seq)\n  lane.held -= 1',
    by: 'model',
  },
  {
    breaks: 'an expect does not rewind',
    file: 'relay/core/outbox/lane.ts',
    from: "lane.rewoundTo = seq\n  rewind(lane, now)\n  return 'rewound'",
    to: "lane.rewoundTo = seq\n  return 'rewound'",
    by: 'model',
  },
  {
    breaks: 'urgent waits behind normal',
    file: 'relay/core/outbox/delivery.ts',
    from: 'for (const name of LANES) {\n    const lane = outbox.lanes[name]\n    for (let next',
    to: 'for (const name of LANES.toReversed()) {\n    const lane = outbox.lanes[name]\n    for (let next',
    by: 'model',
  },
  {
    breaks: 'the cursor is on the disk before the rows',
    file: 'relay/shell/disk.ts',
    from: 'const written = writes.length === 0 ? Promise.resolve() : store.write(writes)',
    to: "const written = store.write(writes.filter((each) => each.table === 'channels')).then(() => store.write(writes.filter((each) => each.table !== 'channels')))",
    by: 'model',
  },
  {
    breaks: 'what an older socket says is heard',
    file: 'relay/core/frames-in.ts',
    from: 'if (generation !== state.link.connection.generation) return\n',
    to: '',
    by: 'model',
  },
  {
    breaks: 'the hub attaches one tick late',
    file: 'server/core/hub.ts',
    from: 'channel.attached.add(subscriber)',
    to: 'void setImmediate(() => setImmediate(() => channel.attached.add(subscriber)))',
    by: 'model',
  },
  {
    breaks: 'a reset comes without a snapshot',
    file: 'server/gateway/subscription.ts',
    from: "this.#phase = { kind: 'snapshotting', page: 0, after: null }",
    to: "this.#phase = start.kind === 'cursor' ? { kind: 'chasing' } : { kind: 'snapshotting', page: 0, after: null }",
    by: 'model',
  },
  {
    breaks: 'SQLite does not compare the number of the link',
    file: 'server/adapters/sqlite/commands.ts',
    from: "return source.kind === 'outbox' && this.#context.links.isStale(source.device, source.link)",
    to: "return source.kind === 'outbox' && this.#context.links.isStale(source.device, source.link) && false",
    by: 'contract',
  },
  {
    breaks: 'the relay hears what came by the new link before it is moved there',
    file: 'relay/core/sockets-in.ts',
    from: "return tryWay(state, turn, { kind: 'frameHeld', frame })",
    to: 'return frameReceived(state, turn, state.link.connection.generation, frame)',
    by: 'moves',
  },
  {
    breaks: 'the relay speaks by the old link behind "take"',
    file: 'relay/core/link/link.ts',
    from: "return trial.kind === 'taking' ? trial.socket : connection.generation",
    to: 'return (void trial, connection.generation)',
    by: 'moves',
  },
  {
    breaks: 'the server drops what came by the new link before "take"',
    file: 'server/gateway/connection.ts',
    from: 'for (const frame of moved?.held ?? []) this.#turns.take(frame)',
    to: 'void moved?.held',
    by: 'moves',
  },
  {
    breaks: 'a batch up that is sent again is taken again',
    file: 'server/gateway/ends/batches.ts',
    from: "        return { kind: 'again' }",
    to: "        return { kind: 'next', batches: [batch] }",
    by: 'ways',
  },
  {
    breaks: 'a batch down that comes again is taken again',
    file: 'relay/adapters/poll-batches.ts',
    from: "return down.batch <= taken ? { kind: 'taken', state: { ...state, unacked }, batches: [] } : { kind: 'doubt' }",
    to: "return down.batch <= taken ? { kind: 'taken', state: { ...state, unacked }, batches: [down] } : { kind: 'doubt' }",
    by: 'ways',
  },
]

const COPIED = ['relay', 'server', 'test', 'build', 'package.json', 'tsconfig.json', 'vitest.config.ts']
const TESTS: Readonly<Record<Mutation['by'], readonly string[]>> = {
  model: ['test/model/writing.integration.test.ts', 'test/model/reading.integration.test.ts'],
  moves: ['test/model/moving.integration.test.ts'],
  ways: ['test/model/batches.test.ts'],
  found: ['test/model/regressions.test.ts', 'relay/relay-outbox.test.ts'],
  contract: ['server/adapters/sqlite/sqlite-store.integration.test.ts'],
  restore: ['server/commands/backup.integration.test.ts', 'server/adapters/sqlite/restore.integration.test.ts'],
}

/** The sources as they are: were they to fail, no kill would prove anything. */
const CONTROL: Mutation = {
  breaks: 'nothing (control)',
  file: 'package.json',
  from: '"name"',
  to: '"name"',
  by: 'model',
}

async function isKilled({ file, from, to, by }: Mutation): Promise<{ readonly killed: boolean; readonly why: string }> {
  const tree = mkdtempSync(join(tmpdir(), 'andon-mutant-'))
  try {
    for (const name of COPIED)
      cpSync(join(ROOT, name), join(tree, name), {
        recursive: true,
        filter: (path) => !/node_modules|\/dist\//.test(path),
      })
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
    const source = readFileSync(join(tree, file), 'utf8')
    if (source.split(from).length !== 2) throw new Error(`${file} does not hold exactly once: ${from}`)
    writeFileSync(
      join(tree, file),
      source.replace(from, () => to),
    )
    return await failed(tree, TESTS[by])
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

function failed(tree: string, tests: readonly string[]): Promise<{ readonly killed: boolean; readonly why: string }> {
  const vitest = join(tree, 'node_modules/vitest/vitest.mjs')
  const child = spawn(
    process.execPath,
    [vitest, 'run', '--project', 'unit', '--project', 'integration', '--bail', '1', ...tests],
    {
      cwd: tree,
      env: { ...process.env, ANDON_MODEL_RUNS: String(SCHEDULES), NO_COLOR: '1' },
    },
  )
  let output = ''
  child.stdout.on('data', (data: Buffer) => (output += data.toString()))
  child.stderr.on('data', (data: Buffer) => (output += data.toString()))
  return new Promise((done) => {
    child.on('close', (code) => {
      const why =
        /Caused by: \w*Error: ([^\n]{0,110})/.exec(output) ?? /(?:AssertionError|Error): ([^\n]{0,110})/.exec(output)
      done({ killed: code !== 0, why: why?.[1] ?? '' })
    })
  })
}

const wanted = process.argv.slice(2)
const queue = MUTATIONS.filter(({ breaks }) => wanted.length === 0 || wanted.some((name) => breaks.includes(name)))
let survivors = 0
const control = await isKilled(CONTROL)
process.stdout.write(`${control.killed ? 'FAILED  ' : 'passed  '}  ${CONTROL.breaks.padEnd(58)} ${control.why}\n`)
if (control.killed) process.exit(1)
async function work(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { killed, why } = await isKilled(next)
    if (!killed) survivors += 1
    process.stdout.write(`${killed ? 'killed  ' : 'SURVIVED'}  ${next.breaks.padEnd(58)} ${why}\n`)
  }
}
await Promise.all(Array.from({ length: Math.max(1, Math.floor(availableParallelism() / 2)) }, work))
process.exitCode = survivors === 0 ? 0 : 1
