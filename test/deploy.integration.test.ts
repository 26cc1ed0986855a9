/** What stands in `docs/deploy`: nginx before three real nodes, the unit of systemd, and the file for containers. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { WAYS, type Way } from '../relay/protocol/ways.ts'
import { loadConfig } from '../server/config.ts'
import { SECOND } from '../server/testing/certificates.ts'
import { useFolder } from '../server/testing/command-processes.ts'
import { doorText, NODES, placed } from './support/door.ts'
import { found, FrontProgram, nginxOf } from './support/front-program.ts'
import { HAS_NODES, nodeFloor, type RunningNode } from './support/node-floor.ts'
import { freePort, isLive, startRelay, type Line, type Program } from './support/processes.ts'

const SYSTEMD = '/usr/bin/systemd-analyze'
const CHAT = 'chat/line-3'

const documentOf = (name: string): string => readFileSync(new URL(`../docs/deploy/${name}`, import.meta.url), 'utf8')
const isEvent = (line: Line): boolean => line.kind === 'event'
const textOf = (line: Line): string => (line['data'] as { text: string }).text
const textsOf = (line: Line): readonly string[] => {
  if (line.kind === 'snapshot') return (line['data'] as { events: readonly Line[] }).events.map(textOf)
  return isEvent(line) ? [textOf(line)] : []
}

describe.skipIf(!HAS_NODES || found('nginx') === undefined)('behind the nginx of docs/deploy', () => {
  const floor = nodeFloor()
  const fronts: FrontProgram[] = []
  afterEach(async () => {
    await Promise.all(fronts.splice(0).map((front) => front.kill()))
  })

  /** The three of them, in the configuration as it stands there. */
  async function open() {
    const port = await freePort()
    const url = `https://localhost:${port}`
    const ports = new Map<string, number>()
    for (const name of NODES) ports.set(name, await freePort())
    const node = (name: (typeof NODES)[number]): Promise<RunningNode> =>
      floor.node(name, {
        port: ports.get(name) ?? 0,
        extra: ['--node', name, '--public-url', url, '--trust-proxy', '127.0.0.1'],
      })
    const nodes = await Promise.all(NODES.map(node))
    writeFileSync(join(floor.folder, 'andon.example.pem'), SECOND.cert)
    writeFileSync(join(floor.folder, 'andon.example.key'), SECOND.key)
    const door = placed(
      doorText().replaceAll('/etc/ssl', floor.folder).replace('listen 443', `listen 127.0.0.1:${port}`),
      [...ports.values()],
    )
    fronts.push(await FrontProgram.start('nginx', nginxOf(door, floor.folder), { folder: floor.folder, port }))
    return { url, nodes, node }
  }

  /** A relay that comes by this way and no other. */
  async function relay(url: string, way: Way): Promise<Program> {
    const extra = ['--linger', '--transport', way, '--subscribe', CHAT, '--ca', join(floor.folder, 'andon.example.pem')]
    const user = way === 'ws' ? (['kim', '1111'] as const) : (['lee', '2222'] as const)
    const program = floor.own(startRelay({ url, folder: join(floor.folder, `relay-${way}`), user, extra }))
    await program.until(isLive)
    return program
  }

  it('[U6] [N2] a link by requests finds its node again among three, and one of a node that is gone is greeted anew', async () => {
    const { url, nodes } = await open()
    const poll = await relay(url, 'poll')
    const since = poll.lines.length
    // Of two requests in three another node would know nothing.
    for (let n = 0; n < 20; n += 1) {
      poll.send({ ref: `${n}`, command: 'chat.post', data: { line: 'line-3', text: `text ${n}` } })
      await poll.until((line) => line.kind === 'result' && line['ref'] === `${n}`)
    }
    expect(poll.lines.slice(since).filter(({ kind }) => kind === 'status')).toEqual([])
    // Whichever it is at, it is at another one soon.
    await nodes[0]?.program.kill()
    await nodes[1]?.program.kill()
    poll.send({ ref: 'after', command: 'chat.post', data: { line: 'line-3', text: 'after' } })
    expect(await poll.until((line) => line.kind === 'result' && line['ref'] === 'after')).toMatchObject({
      outcome: 'applied',
    })
    await poll.until((line) => isEvent(line) && textOf(line) === 'after')
    expect(poll.lines.flatMap(textsOf)).toEqual([...Array.from({ length: 20 }, (_, n) => `text ${n}`), 'after'])
  })

  it('[U6] [P1] nodes that end one by one, asked to or killed, lose nothing and double nothing of whoever comes by any way', async () => {
    const { url, nodes, node } = await open()
    const relays = await Promise.all(WAYS.map((way) => relay(url, way)))
    const sent: string[] = []
    for (const [index, name] of NODES.entries()) {
      for (const [at, each] of relays.entries()) {
        for (let n = 0; n < 5; n += 1) {
          const text = `${name} ${at} ${n}`
          sent.push(text)
          each.send({ ref: text, command: 'chat.post', data: { line: 'line-3', text } })
        }
      }
      if (index === 1) await nodes[index]?.program.kill()
      else await nodes[index]?.program.stop()
      nodes[index] = await node(name)
    }
    for (const each of relays) {
      for (const text of sent) await each.until((line) => textsOf(line).includes(text))
      const heard = each.lines.flatMap(textsOf)
      expect([...heard].toSorted()).toEqual([...sent].toSorted())
    }
  })
})

describe('the other files of docs/deploy', () => {
  const folder = useFolder()

  it.skipIf(!existsSync(SYSTEMD))('systemd has nothing against the unit', () => {
    const unit = documentOf('andon@.service').replace('/usr/bin/node', process.execPath)
    const file = join(folder(), 'andon@.service')
    writeFileSync(file, unit)
    const { status, stderr } = spawnSync(SYSTEMD, ['verify', file], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })

  it('the settings of a node are settings that there are', () => {
    const [, json = ''] = /```json\n([\s\S]*?)```/.exec(documentOf('README.md')) ?? []
    const file = join(folder(), 'one.json')
    writeFileSync(file, json)
    const loaded = loadConfig({ flags: {}, env: { ANDON_CONFIG: file, ANDON_NODE: 'one' } })
    expect(loaded).toMatchObject({ ok: true, config: { node: 'one', port: 7071, trustProxy: ['127.0.0.1'] } })
  })

  it('the file for containers names three nodes that share a floor, each with a folder of its own', () => {
    const { services, volumes } = parse(documentOf('compose.yaml'), { merge: true }) as {
      readonly services: Readonly<Record<string, { readonly environment: Record<string, string>; volumes: string[] }>>
      readonly volumes: object
    }
    expect(Object.keys(services)).toEqual([...NODES, 'postgres', 'redis', 'nginx'])
    const { build } = services['one'] as unknown as { readonly build: { readonly dockerfile: string } }
    expect(existsSync(new URL(`../${build.dockerfile}`, import.meta.url))).toBe(true)
    for (const name of NODES) {
      const environment = services[name]?.environment ?? {}
      const loaded = loadConfig({ flags: {}, env: environment })
      expect(loaded).toMatchObject({ ok: true, config: { node: name, redis: 'redis://redis' } })
      expect(services[name]?.volumes).toEqual([`${name}:/var/lib/andon`])
      expect(volumes).toHaveProperty(name)
    }
  })
})
