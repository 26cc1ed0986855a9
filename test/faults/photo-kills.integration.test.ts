/** kill -9 at every step of the way of a file, on either end, with real disks: it arrives once, or is said to be lost. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openNodeRelay, type OpenRelay } from '../../relay/adapters/node.ts'
import type { Observation } from '../../relay/ports.ts'
import type { ChatFiled, ContentHash, MessageFile } from '../../relay/protocol/attachments.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { PHOTO_STEPS, type PhotoStep } from '../support/photo-steps.ts'
import { freePort, Program, startServer } from '../support/processes.ts'

/** Three pieces, of which the first has 32 KB. */
const TEXT_BYTES = 120_000
/** `ANDON_OBSTACLES=full` kills at every step; a run of all tests where most is half done. */
const IS_FULL = process.env['ANDON_OBSTACLES'] === 'full'
const SHORT: ReadonlySet<PhotoStep> = new Set(['saved', 'first piece taken', 'last piece under way'])
const STEPS = PHOTO_STEPS.filter((step) => IS_FULL || SHORT.has(step))
const WAIT = { timeout: 90_000, interval: 50 }

let root = ''
let port = 0
let server: Program
/** Somebody else of the line, who sees what became of it. */
let lee: OpenRelay
const seen: Observation[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'andon-kills-'))
  port = await freePort()
  await startAgain()
  lee = await openNodeRelay({
    serverUrl: url(),
    dataDir: join(root, 'lee'),
    name: 'Terminal 11',
    build: 'test',
    kind: 'headless',
    nativeBinding: process.env['ANDON_SQLITE_BINDING'],
    log: () => undefined,
    observe: (each) => void seen.push(each),
  })
  await lee.relay.start()
  expect(await lee.relay.signIn('lee', '2222')).toMatchObject({ ok: true })
  lee.relay.subscribe('chat/line-3')
})
afterAll(async () => {
  await lee.close()
  await server.kill()
  await rm(root, { recursive: true, force: true, maxRetries: 5 })
})

const url = (): string => `http://127.0.0.1:${port}`

async function startAgain(): Promise<void> {
  server = (await startServer(join(root, 'server'), port)).program
}

function device(name: string, stopAt: PhotoStep | '' = ''): Program {
  const program = new Program('test/support/photo-relay.ts', [url(), join(root, name), stopAt])
  onTestFinished(() => program.kill())
  return program
}

const textOf = (name: string): string => `${name};press-2\n`.repeat(TEXT_BYTES).slice(0, TEXT_BYTES)

const until = (program: Program, step: PhotoStep) => program.until((line) => line['step'] === step)

interface Posted {
  readonly id: CommandId
  readonly hash: ContentHash
}

/** Messages with a file of this name, each as often as it came. */
function posted(name: string): readonly Posted[] {
  return seen.flatMap((each) => {
    if (each.kind !== 'event' || each.event.type !== 'chat.posted') return []
    const { files = [] } = each.event.data as { readonly files?: readonly MessageFile[] }
    const file = files.find((one) => one.name === name)
    return file === undefined || each.event.cause === undefined ? [] : [{ id: each.event.cause, hash: file.hash }]
  })
}

function ends(id: CommandId): readonly unknown[] {
  return seen.flatMap((each) => {
    if (each.kind !== 'event' || each.event.type !== 'chat.filed') return []
    const filed = each.event.data as ChatFiled
    return filed.id === id ? filed.ends : []
  })
}

async function onDisk(name: string): Promise<readonly string[]> {
  return await readdir(join(root, name, 'files')).catch(() => [])
}

/** It is with everybody, once, and the device has let go of it. */
async function arrives(name: string): Promise<void> {
  await vi.waitFor(() => expect(posted(name).flatMap(({ id }) => ends(id))).toEqual(['stored']), WAIT)
  const [message, ...more] = posted(name)
  expect(more).toEqual([])
  if (message === undefined) throw new Error('nothing was posted')
  await vi.waitFor(async () => {
    const read = await lee.relay.readFile({ line: 'line-3', ...message }, 'whole')
    expect(read.ok && Buffer.from(read.value.bytes).toString() === textOf(name)).toBe(true)
  }, WAIT)
  await vi.waitFor(async () => expect(await onDisk(name)).toEqual([]), WAIT)
}

/** Before a message is saved nobody was told that anything is sent. */
const isUnsaid = (step: PhotoStep): boolean => step === 'being kept' || step === 'kept'

describe('a device that is killed while its file is', () => {
  it.each(STEPS)('[R88] [R89] %s', { timeout: 240_000 }, async (step) => {
    const name = `device ${step}.csv`
    const killed = device(name, step)
    killed.send({ share: { name, text: textOf(name) } })
    await until(killed, step)
    await killed.kill()
    device(name)
    if (!isUnsaid(step)) return await arrives(name)
    await vi.waitFor(async () => expect(await onDisk(name)).toEqual([]), WAIT)
    expect(posted(name)).toEqual([])
  })
})

describe('a server that is killed while a file is', () => {
  const steps = STEPS.filter((step) => !isUnsaid(step))
  it.each(steps)('[O4] [O5] %s', { timeout: 240_000 }, async (step) => {
    const name = `server ${step}.csv`
    const program = device(name, step)
    program.send({ share: { name, text: textOf(name) } })
    await until(program, step)
    await server.kill()
    await startAgain()
    program.send({ go: true })
    await arrives(name)
  })
})

it(
  '[O3] [R89] what a device has lost when it starts again is said to be lost, to everybody',
  { timeout: 240_000 },
  async () => {
    const name = 'lost.csv'
    const killed = device(name, 'asked about')
    killed.send({ share: { name, text: textOf(name) } })
    await until(killed, 'asked about')
    await killed.kill()
    await rm(join(root, name, 'files'), { recursive: true })
    device(name)
    await vi.waitFor(() => expect(posted(name).flatMap(({ id }) => ends(id))).toEqual(['lost']), WAIT)
  },
)
