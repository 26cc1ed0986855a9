import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HAS_NODES, nodeFloor } from '../support/node-floor.ts'
import { isLive, startRelay, type Line, type Program } from '../support/processes.ts'

const CHAT = 'chat/line-3'

const isEvent = (line: Line): boolean => line.kind === 'event'
const textOf = (line: Line): string => (line['data'] as { text: string }).text
/** What was said before the first answer came is in its snapshot, what came later is an event each. */
const textsOf = (line: Line): readonly string[] => {
  if (line.kind === 'snapshot') return (line['data'] as { events: readonly Line[] }).events.map(textOf)
  return isEvent(line) ? [textOf(line)] : []
}
const post = (text: string) => ({ ref: text, command: 'chat.post', data: { line: 'line-3', text } })

describe.skipIf(!HAS_NODES)('several nodes of one floor', () => {
  const floor = nodeFloor()

  async function relay(url: string, name: 'kim' | 'lee', extra: readonly string[] = []): Promise<Program> {
    const user = [name, name === 'kim' ? '1111' : '2222'] as const
    const program = floor.own(
      startRelay({ url, folder: join(floor.folder, name), user, extra: ['--linger', ...extra] }),
    )
    await program.until(isLive)
    return program
  }
  const listener = (url: string) => relay(url, 'lee', ['--subscribe', CHAT])
  const heard = (program: Program) => program.lines.flatMap(textsOf)

  it('[U6] [P2] hand each event of one to the readers of the other, once and in order, with Redis, without it, and with it again', async () => {
    const [one, two] = [await floor.node('one'), await floor.node('two')]
    const lee = await listener(two.url)
    const kim = await relay(one.url, 'kim')
    const sent: string[] = []
    const say = async (text: string): Promise<void> => {
      sent.push(text)
      kim.send(post(text))
      await lee.until((line) => isEvent(line) && textOf(line) === text)
    }
    for (let n = 0; n < 20; n += 1) await say(`with ${n}`)
    await floor.redis.kill()
    for (let n = 0; n < 5; n += 1) await say(`without ${n}`)
    await floor.redis.restart()
    for (let n = 0; n < 5; n += 1) await say(`again ${n}`)
    floor.redis.pause()
    await say('while it hangs')
    floor.redis.goOn()
    await say('and goes on')
    expect(heard(lee)).toEqual(sent)
    const metrics = await (await fetch(`${two.url}/metrics`, { headers: { authorization: 'Bearer demo-key' } })).text()
    expect(Number(/^andon_hints_heard (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(19)
  })
})
