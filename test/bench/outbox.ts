/**
 * `node test/bench/outbox.ts [COMMANDS]`: a relay with a long queue, on its real disk and against a real server. How long
 * a save takes with nothing and with everything queued, what the queue costs in memory before and after a restart, and
 * how fast it drains. Each life of the relay is a process of its own. Asserts nothing.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNodeRelay } from '../../relay/adapters/node.ts'
import type { Relay } from '../../relay/relay.ts'
import { freePort, startServer } from '../support/processes.ts'

/** Below the bound of the outbox by what is saved while measuring. */
const COMMANDS = Number(process.argv[2] ?? 98_000)
const SAMPLES = 1_000
/** Saves asked for at once while filling: a busy window, many times over. */
const AT_ONCE = 256

interface Life {
  readonly kind: 'sign-in' | 'fill' | 'drain'
  readonly url: string
  readonly folder: string
  readonly commands: number
}

/** Numbers of one life, by what they are called in the table. */
type Report = Readonly<Record<string, number>>

async function live({ kind, url, folder, commands }: Life): Promise<Report> {
  const pending = { now: Infinity, peakHeap: 0 }
  const startedAt = performance.now()
  const opened = await openNodeRelay({
    serverUrl: url,
    dataDir: folder,
    name: 'bench',
    build: 'bench',
    kind: 'headless',
    log: () => undefined,
    observe: (seen) => {
      if (seen.kind !== 'outbox') return
      pending.now = seen.pending.urgent + seen.pending.normal
      pending.peakHeap = Math.max(pending.peakHeap, memory().heap)
    },
  })
  const { relay } = opened
  await relay.start()
  const startMs = performance.now() - startedAt
  const report =
    kind === 'sign-in'
      ? await signIn(relay)
      : kind === 'fill'
        ? await fill(relay, commands)
        : { startMs, ...(await drain(relay, pending)) }
  await opened.close()
  return report
}

async function signIn(relay: Relay): Promise<Report> {
  const signed = await relay.signIn('kim', '1111')
  if (!signed.ok) throw new Error(signed.message)
  return {}
}

async function fill(relay: Relay, commands: number): Promise<Report> {
  let count = 0
  const post = async () => {
    count += 1
    const saved = await relay.submit({
      ref: `b${count}`,
      type: 'chat.post',
      data: { line: 'line-3', text: `m${count}` },
    })
    if (!saved.ok) throw new Error(saved.message)
  }
  const short = await measure(post)
  const before = memory()
  const startedAt = performance.now()
  const rounds = Math.ceil((commands - 2 * SAMPLES) / AT_ONCE)
  for (let round = 0; round < rounds; round += 1) await Promise.all(Array.from({ length: AT_ONCE }, post))
  const perSecond = ((rounds * AT_ONCE) / (performance.now() - startedAt)) * 1_000
  const long = await measure(post)
  return {
    emptyP50: short.p50,
    emptyP99: short.p99,
    fullP50: long.p50,
    fullP99: long.p99,
    perSecond,
    ...grown(before, memory()),
  }
}

/** Milliseconds of one save after the other. */
async function measure(save: () => Promise<void>): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = []
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const startedAt = performance.now()
    await save()
    times.push(performance.now() - startedAt)
  }
  times.sort((a, b) => a - b)
  return { p50: times[SAMPLES / 2] ?? 0, p99: times[Math.floor(SAMPLES * 0.99)] ?? 0 }
}

async function drain(relay: Relay, pending: { now: number; peakHeap: number }): Promise<Report> {
  const queued = pending.now
  const before = memory()
  const startedAt = performance.now()
  await relay.idle()
  const perSecond = (queued / (performance.now() - startedAt)) * 1_000
  return { queued, perSecond, heapPeak: pending.peakHeap, ...grown(before, memory()) }
}

/** What is alive after the garbage was collected: resident memory also has what V8 keeps for later, up to its limits. */
function memory(): { readonly heap: number; readonly resident: number } {
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed / 2 ** 20, resident: rss / 2 ** 20 }
}

function grown(before: ReturnType<typeof memory>, after: ReturnType<typeof memory>): Report {
  return {
    heapBefore: before.heap,
    heapAfter: after.heap,
    residentBefore: before.resident,
    residentAfter: after.resident,
  }
}

/** One life of the relay, in a process of its own. */
function inProcess(life: Life): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [], { execArgv: ['--expose-gc'] })
    child.on('message', resolve)
    child.on('exit', (code) => reject(new Error(`the ${life.kind} process ended with ${code}`)))
    child.send(life)
  })
}

function print(name: string, report: Report): void {
  const numbers = Object.entries(report).map(([what, value]) => `${what} ${value.toFixed(value < 100 ? 2 : 0)}`)
  process.stdout.write(`${name.padEnd(8)}${numbers.join(' · ')}\n`)
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'andon-bench-outbox-'))
  const device = join(folder, 'device')
  const port = await freePort()
  const life = { url: `http://127.0.0.1:${port}`, folder: device, commands: COMMANDS }
  try {
    const first = await startServer(join(folder, 'server'), port)
    await inProcess({ ...life, kind: 'sign-in' })
    await first.program.stop()
    print('fill', await inProcess({ ...life, kind: 'fill' }))
    const second = await startServer(join(folder, 'server'), port)
    print('drain', await inProcess({ ...life, kind: 'drain' }))
    await second.program.stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.send === undefined) await main()
else {
  process.once('message', (life) => {
    void live(life as Life).then((report) => process.send?.(report, () => process.exit(0)))
  })
}
