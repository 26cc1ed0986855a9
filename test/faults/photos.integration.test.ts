/** A file on a slow link to a real server: what is urgent overtakes it, and a server that is killed in the middle costs nothing. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openNodeRelay } from '../../relay/adapters/node.ts'
import type { Observation } from '../../relay/ports.ts'
import { freePort, startServer } from '../support/processes.ts'

/** What the slow link carries up in a turn of this length, whoever sends: 40 KB a second. */
const TURN_MS = 50
const TURN_BYTES = 2_000
/** Eight seconds of that link. */
const FILE_BYTES = 320_000

/** A link to `port` that is slow on the way up, for all of its connections together. */
async function slowLink(port: number) {
  const waiting: { readonly to: Socket; bytes: Buffer; readonly from: Socket }[] = []
  const sockets = new Set<Socket>()
  const link = { url: '', up: 0 }
  const turns = setInterval(() => {
    let left = TURN_BYTES
    while (left > 0) {
      const [next] = waiting
      if (next === undefined) return
      const part = next.bytes.subarray(0, left)
      next.bytes = next.bytes.subarray(part.length)
      left -= part.length
      link.up += part.length
      if (!next.to.destroyed) next.to.write(part)
      if (next.bytes.length > 0) continue
      waiting.shift()
      next.from.resume()
    }
  }, TURN_MS)
  const server = createServer((from) => {
    const to = connect(port, '127.0.0.1')
    for (const socket of [from, to]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        from.destroy()
        to.destroy()
      })
    }
    from.on('data', (bytes: Buffer) => {
      from.pause()
      waiting.push({ from, to, bytes })
    })
    to.pipe(from)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  link.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => {
    clearInterval(turns)
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return link
}

it('[R89] what is urgent overtakes a file on a slow link, and the file goes on where it was after the server was killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-photos-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const port = await freePort()
  let { program } = await startServer(join(folder, 'server'), port)
  onTestFinished(() => program.kill())
  const link = await slowLink(port)
  const seen: string[] = []
  const observe = (each: Observation): void => {
    if (each.kind === 'result') seen.push(`${each.ref} ${each.outcome}`)
    if (each.kind === 'event') seen.push(each.event.type)
  }
  const place = { serverUrl: link.url, dataDir: join(folder, 'device') }
  const about = { name: 'Terminal 12', build: 'test', kind: 'headless', log: () => undefined, observe } as const
  const device = await openNodeRelay({ ...place, ...about })
  onTestFinished(() => device.close())
  const { relay } = device
  await relay.start()
  expect(await relay.signIn('kim', '1111')).toMatchObject({ ok: true })
  relay.subscribe('chat/line-3')
  const bytes = new Uint8Array(Buffer.alloc(FILE_BYTES, 'piece;die;radius\n'))
  const kept = await relay.keepFile(bytes)
  if (!kept.ok) throw new Error(kept.message)
  const named = { hash: kept.value, type: 'text/csv', size: FILE_BYTES, name: 'pieces.csv' }
  const shared = await relay.submit({
    ref: 'file',
    type: 'chat.share',
    data: { line: 'line-3', text: '', files: [named] },
  })
  if (!shared.ok) throw new Error(shared.message)
  await vi.waitFor(() => expect(seen).toContain('file applied'), WAIT)
  const before = link.up
  await vi.waitFor(() => expect(link.up).toBeGreaterThan(before + FILE_BYTES / 8), WAIT)
  const alert = { priority: 'P0', area: 'line-3', title: 'Smoke at the press' }
  expect(await relay.submit({ ref: 'smoke', type: 'alert.raise', data: alert })).toMatchObject({ ok: true })
  await vi.waitFor(() => expect(seen).toContain('smoke applied'), WAIT)
  expect(seen).not.toContain('chat.filed')
  await program.kill()
  ;({ program } = await startServer(join(folder, 'server'), port))
  await vi.waitFor(() => expect(seen).toContain('chat.filed'), WAIT)
  expect(seen.indexOf('smoke applied')).toBeLessThan(seen.indexOf('chat.filed'))
  const read = await relay.readFile({ line: 'line-3', id: shared.value.id, hash: kept.value }, 'whole')
  expect(read).toMatchObject({ ok: true, value: { type: 'text/csv' } })
  if (read.ok) expect(Buffer.compare(read.value.bytes, bytes)).toBe(0)
})

/** Ends what hangs, and nothing else. */
const WAIT = { timeout: 90_000, interval: 50 }
