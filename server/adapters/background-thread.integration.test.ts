import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { ASIDE } from './background-thread.ts'

it.runIf(process.platform === 'linux')('a thread that works aside gives way, and no other thread does', async () => {
  const threads = (): readonly number[] => readdirSync('/proc/self/task').map(Number)
  const before = new Map(threads().map((thread) => [thread, getPriority(thread)]))
  const url = new URL('background-thread.ts', import.meta.url).href
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
    import(${JSON.stringify(url)}).then(({ giveWay }) => { giveWay(); parentPort.postMessage(null) })
    parentPort.on('message', () => parentPort.close())`,
    { eval: true },
  )
  await new Promise((resolve) => worker.once('message', resolve))
  const lower = threads().filter((thread) => getPriority(thread) === ASIDE)
  expect(lower).toHaveLength(1)
  for (const [thread, priority] of before) expect(getPriority(thread)).toBe(priority)
  worker.postMessage(null)
  await new Promise((resolve) => worker.once('exit', resolve))
})
