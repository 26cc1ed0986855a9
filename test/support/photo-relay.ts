/**
 * A device in a process of its own, which says each step of the way of a file on stdout, and stops at the one that it is told, so
 * that it is killed there: `URL FOLDER [STEP]`. On stdin `{"share":{"name","text"}}` has Kim send a file, `{"go":true}` lets it go on.
 */
import { createInterface } from 'node:readline'
import { openNodeRelay } from '../../relay/adapters/node.ts'
import type { PhotoStep } from './photo-steps.ts'

const [serverUrl = '', dataDir = '', stopAt = ''] = process.argv.slice(2)
let goOn: () => void = () => undefined
let hasStopped = false

/** Resolves at once, unless it is the step to stop at, for the first time. */
async function reach(step: PhotoStep): Promise<void> {
  process.stdout.write(`${JSON.stringify({ step })}\n`)
  if (step !== stopAt || hasStopped) return
  hasStopped = true
  await new Promise<void>((resolve) => (goOn = resolve))
}

const realFetch = globalThis.fetch
let size = 0
globalThis.fetch = async (input, init) => {
  const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input)
  if (!pathname.endsWith('/upload')) return await realFetch(input, init)
  const body = init?.body
  if (!(body instanceof Uint8Array)) {
    await reach('asked about')
    const response = await realFetch(input, init)
    const state = (await response.clone().json()) as { readonly end?: unknown }
    if (state.end === 'stored') await reach('said to be stored')
    return response
  }
  const offset = Number(searchParams.get('offset'))
  const isLast = offset + body.byteLength === size
  const which = isLast ? 'last' : offset === 0 ? 'first' : null
  const answered = realFetch(input, init)
  // A server that is killed meanwhile is heard of when this goes on.
  answered.catch(() => undefined)
  if (which !== null) await reach(`${which} piece under way`)
  const response = await answered
  if (which !== null) await reach(`${which} piece taken`)
  return response
}

const device = await openNodeRelay({
  serverUrl,
  dataDir,
  name: 'Terminal 12',
  build: 'test',
  kind: 'headless',
  nativeBinding: process.env['ANDON_SQLITE_BINDING'],
  log: () => undefined,
  observe: () => undefined,
})
const { relay } = device
await relay.start()

async function share({ name, text }: { readonly name: string; readonly text: string }): Promise<void> {
  const signedIn = await relay.signIn('kim', '1111')
  if (!signedIn.ok) throw new Error(signedIn.message)
  const bytes = new Uint8Array(Buffer.from(text))
  size = bytes.byteLength
  const keeping = relay.keepFile(bytes)
  await reach('being kept')
  const kept = await keeping
  if (!kept.ok) throw new Error(kept.message)
  await reach('kept')
  const files = [{ hash: kept.value, type: 'text/csv', size, name }]
  const data = { line: 'line-3', text: '', files }
  const saved = await relay.submit({ ref: name, type: 'chat.share', data })
  if (!saved.ok) throw new Error(saved.message)
  await reach('saved')
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line) as { readonly share?: Parameters<typeof share>[0]; readonly go?: true }
  if (told.go === true) goOn()
  // Whoever is stopped hears that it may go on.
  if (told.share !== undefined)
    void share(told.share).catch((cause: unknown) => process.stderr.write(`${String(cause)}\n`))
}
await device.close()
