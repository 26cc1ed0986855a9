import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { found, FrontProgram, nginxOf } from '../support/front-program.ts'
import { HAS_NODES, nodeFloor, type RunningNode } from '../support/node-floor.ts'
import { freePort, isLive, startRelay, type Line, type Program } from '../support/processes.ts'

const CHAT = 'chat/line-3'

const isEvent = (line: Line): boolean => line.kind === 'event'
const textOf = (line: Line): string => (line['data'] as { text: string }).text
/** What was said before the first answer came is in its snapshot, what came later is an event each. */
const textsOf = (line: Line): readonly string[] => {
  if (line.kind === 'snapshot') return (line['data'] as { events: readonly Line[] }).events.map(textOf)
  return isEvent(line) ? [textOf(line)] : []
}
const result = (ref: string) => (line: Line) => line.kind === 'result' && line['ref'] === ref
const post = (text: string) => ({ ref: text, command: 'chat.post', data: { line: 'line-3', text } })

describe.skipIf(!HAS_NODES)('several nodes of one floor', () => {
  const floor = nodeFloor()
  const fronts: FrontProgram[] = []
  afterEach(async () => {
    await Promise.all(fronts.splice(0).map((front) => front.kill()))
  })

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

  it.skipIf(found('nginx') === undefined)(
    '[U6] [P1] are one server to whoever comes through nginx: a node is killed under its devices, and nothing is lost or doubled',
    async () => {
      const ports = [await freePort(), await freePort()] as const
      const nodeAt = (at: 0 | 1): Promise<RunningNode> => floor.node(at === 0 ? 'one' : 'two', { port: ports[at] })
      const nodes = [await nodeAt(0), await nodeAt(1)]
      const port = await freePort()
      const servers = ports.map((each) => `server 127.0.0.1:${each} max_fails=1 fail_timeout=1s;`).join(' ')
      const http = `map $http_upgrade $hop { default upgrade; '' ''; }
        upstream floor { ${servers} }
        server { listen 127.0.0.1:${port}; location / {
          proxy_pass http://floor; proxy_http_version 1.1; proxy_set_header Host $http_host;
          proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $hop; } }`
      fronts.push(await FrontProgram.start('nginx', nginxOf(http, floor.folder), { folder: floor.folder, port }))
      const url = `http://127.0.0.1:${port}`
      const kim = await relay(url, 'kim')
      const lee = await listener(url)
      const sent: string[] = []
      for (const round of [0, 1] as const) {
        for (let n = 0; n < 10; n += 1) {
          const text = `${round} ${n}`
          sent.push(text)
          kim.send(post(text))
        }
        await nodes[round]?.program.kill()
        nodes[round] = await nodeAt(round)
      }
      for (const text of sent) expect(await kim.until(result(text))).toMatchObject({ outcome: 'applied' })
      await lee.until((line) => isEvent(line) && textOf(line) === sent.at(-1))
      expect(heard(lee)).toEqual(sent)
    },
  )
})
