import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { found, FrontProgram, nginxOf } from '../support/front-program.ts'
import { findPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts'
import { freePort, isLive, startRelay, startServer, type Line, type Program } from '../support/processes.ts'
import { HAS_REDIS, RunningRedis } from '../support/redis.ts'

const bin = findPostgres()
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

describe.skipIf(bin === null || !HAS_REDIS)('several nodes of one floor', () => {
  let postgres: PostgresServer
  let redis: RunningRedis
  let root = ''
  let database = ''
  const programs: Program[] = []
  const fronts: FrontProgram[] = []
  beforeAll(async () => {
    postgres = await startPostgres(bin ?? '')
  }, 60_000)
  afterAll(() => postgres.stop())
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'andon-nodes-'))
    redis = await RunningRedis.start()
    database = await postgres.newDatabase()
  })
  afterEach(async () => {
    await Promise.all(fronts.splice(0).map((front) => front.kill()))
    await Promise.all(programs.splice(0).map((program) => program.kill()))
    await redis.end()
    await rm(root, { recursive: true, force: true })
  })

  async function node(name: string, port?: number): Promise<{ program: Program; url: string }> {
    const extra = ['--database', database, '--redis', redis.url]
    const started = await startServer(join(root, name), port ?? (await freePort()), { extra })
    programs.push(started.program)
    return started
  }
  async function relay(url: string, name: 'kim' | 'lee', extra: readonly string[] = []): Promise<Program> {
    const user = [name, name === 'kim' ? '1111' : '2222'] as const
    const program = startRelay({ url, folder: join(root, name), user, extra: ['--linger', ...extra] })
    programs.push(program)
    await program.until(isLive)
    return program
  }
  const listener = (url: string) => relay(url, 'lee', ['--subscribe', CHAT])
  const heard = (program: Program) => program.lines.flatMap(textsOf)

  it('[U6] [P2] hand each event of one to the readers of the other, once and in order, with Redis, without it, and with it again', async () => {
    const [one, two] = [await node('one'), await node('two')]
    const lee = await listener(two.url)
    const kim = await relay(one.url, 'kim')
    const sent: string[] = []
    const say = async (text: string): Promise<void> => {
      sent.push(text)
      kim.send(post(text))
      await lee.until((line) => isEvent(line) && textOf(line) === text)
    }
    for (let n = 0; n < 20; n += 1) await say(`with ${n}`)
    await redis.kill()
    for (let n = 0; n < 5; n += 1) await say(`without ${n}`)
    await redis.restart()
    for (let n = 0; n < 5; n += 1) await say(`again ${n}`)
    redis.pause()
    await say('while it hangs')
    redis.goOn()
    await say('and goes on')
    expect(heard(lee)).toEqual(sent)
    const metrics = await (await fetch(`${two.url}/metrics`, { headers: { authorization: 'Bearer demo-key' } })).text()
    expect(Number(/^andon_hints_heard (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(19)
  })

  it.skipIf(found('nginx') === undefined)(
    '[U6] [P1] are one server to whoever comes through nginx: a node is killed under its devices, and nothing is lost or doubled',
    async () => {
      const ports = [await freePort(), await freePort()]
      const nodes = [await node('one', ports[0]), await node('two', ports[1])]
      const port = await freePort()
      const servers = ports.map((each) => `server 127.0.0.1:${each} max_fails=1 fail_timeout=1s;`).join(' ')
      const http = `map $http_upgrade $hop { default upgrade; '' ''; }
        upstream floor { ${servers} }
        server { listen 127.0.0.1:${port}; location / {
          proxy_pass http://floor; proxy_http_version 1.1; proxy_set_header Host $http_host;
          proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $hop; } }`
      fronts.push(await FrontProgram.start('nginx', nginxOf(http, root), { folder: root, port }))
      const url = `http://127.0.0.1:${port}`
      const kim = await relay(url, 'kim')
      const lee = await listener(url)
      const sent: string[] = []
      for (let round = 0; round < 2; round += 1) {
        for (let n = 0; n < 10; n += 1) {
          const text = `${round} ${n}`
          sent.push(text)
          kim.send(post(text))
        }
        await nodes[round % 2]?.program.kill()
        nodes[round % 2] = await node(round % 2 === 0 ? 'one' : 'two', ports[round % 2])
      }
      for (const text of sent) expect(await kim.until(result(text))).toMatchObject({ outcome: 'applied' })
      await lee.until((line) => isEvent(line) && textOf(line) === sent.at(-1))
      expect(heard(lee)).toEqual(sent)
    },
  )
})
