/**
 * One life of a relay for `outbox.ts`, in a process of its own: it is told what to do by a message, answers with its numbers
 * by another, and ends.
 */
import { openNodeRelay } from '../../relay/adapters/node.ts'
import type { Relay } from '../../relay/relay.ts'

/** Saves measured one after the other. */
const SAMPLES = 1_000
/** Saves asked for at once while filling: a busy window, many times over. */
const AT_ONCE = 256

/** What a life is to do. */
export interface Life {
  readonly kind: 'sign-in' | 'fill' | 'drain'
  readonly url: string
  readonly folder: string
  readonly commands: number
}

/** Numbers of one life, by what they are. */
export type Report = Readonly<Record<string, number>>

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

process.once('message', (life) => {
  void live(life as Life).then((report) => process.send?.(report, () => process.exit(0)))
})
// Whoever wanted the numbers is gone.
process.once('disconnect', () => process.exit(1))
