import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { isLive, startRelay, startServer, type Line, type Program } from '../support/processes.ts'

const CHAT = 'chat/line-3'

let root = ''
let url = ''
const programs: Program[] = []
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'andon-cloned-'))
  const server = await startServer(join(root, 'server'), 0)
  programs.push(server.program)
  url = server.url
})
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.kill()))
  await rm(root, { recursive: true, force: true })
})

function relay(folder: string, user: readonly [string, string], extra: readonly string[] = []): Program {
  const program = startRelay({ url, folder: join(root, folder), user, extra: ['--linger', ...extra] })
  programs.push(program)
  return program
}

const KIM = ['kim', '1111'] as const
const post = (ref: string) => ({ ref, command: 'chat.post', data: { line: 'line-3', text: ref } })
const said = (kind: string, ref: string) => (line: Line) => line.kind === kind && line['ref'] === ref
const isReplaced = (line: Line) =>
  line.kind === 'status' && line['state'] === 'waiting' && line['reason'] === CLOSE.replaced.says

it('[P1] [G5] [W3] two processes with one device key: one is live, each command takes effect at most once, none is lost', async () => {
  const first = relay('disk', KIM)
  await first.until(isLive)
  first.send(post('before the copy'))
  await first.until(said('result', 'before the copy'))
  expect(await first.stop()).toBe(0)
  await cp(join(root, 'disk'), join(root, 'copy'), { recursive: true })

  const original = relay('disk', KIM)
  await original.until(isLive)
  const clone = relay('copy', KIM)
  await clone.until(isLive)
  await original.until(isReplaced)
  // Both give their next command the same number; the one that is live is carried out.
  original.send(post('of the original'))
  await original.until(said('saved', 'of the original'))
  clone.send(post('of the copy'))
  expect(await clone.until(said('result', 'of the copy'))).toMatchObject({ outcome: 'applied' })
  expect(original.lines.some(said('result', 'of the original'))).toBe(false)

  // The copy goes. The original comes back at its next start, and is told what it is.
  await clone.kill()
  await original.kill()
  const again = relay('disk', KIM)
  expect(await again.until(said('result', 'of the original'))).toMatchObject({
    outcome: 'rejected',
    code: 'outbox-forked',
    message: expect.stringMatching(/\.$/),
  })
  again.send(post('after all'))
  expect(await again.until(said('result', 'after all'))).toMatchObject({ outcome: 'applied' })

  const reader = relay('reader', ['lee', '2222'], ['--subscribe', CHAT, '--from', 'start'])
  const isLast = (line: Line) => line.kind === 'event' && textOf(line) === 'after all'
  await reader.until(isLast)
  const texts = reader.lines.filter(({ kind }) => kind === 'event').map(textOf)
  expect(texts).toEqual(['before the copy', 'of the copy', 'after all'])
})

function textOf(line: Line): unknown {
  return (line['data'] as { readonly text?: unknown } | undefined)?.text
}
