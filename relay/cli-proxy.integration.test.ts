// The real program behind a proxy that is the only way out: names are the proxy's to resolve, and so is who may pass.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FIRST, SECOND } from '../server/testing/certificates.ts'
import { ForwardProxy } from '../test/support/forward-proxy.ts'
import { found, FrontProgram } from '../test/support/front-program.ts'
import { freePort, isLive, startRelay, startServer, type Program } from '../test/support/processes.ts'

const NAME = 'andon.plant.example'
/** What the machine of whoever runs this says of proxies is not of this test. */
const NO_ENV = {
  HTTPS_PROXY: '',
  HTTP_PROXY: '',
  ALL_PROXY: '',
  NO_PROXY: '',
  https_proxy: '',
  http_proxy: '',
  no_proxy: '',
}

let folder: string
let proxy: ForwardProxy
let proxyAt: string
const programs: Program[] = []
const fronts: FrontProgram[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-proxy-'))
  for (const [name, text] of Object.entries({ 'cert.pem': SECOND.cert, 'key.pem': SECOND.key, 'ca.pem': SECOND.cert }))
    await writeFile(join(folder, name), text)
  proxy = new ForwardProxy([NAME])
  proxyAt = await proxy.listen()
})
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.kill()))
  await Promise.all(fronts.splice(0).map((front) => front.kill()))
  await proxy.close()
  await rm(folder, { recursive: true, force: true })
})

const ca = () => ['--ca', join(folder, 'ca.pem')]

async function server({ isTls }: { readonly isTls: boolean }): Promise<{ url: string; port: number }> {
  const port = await freePort()
  const tls = isTls ? ['--tls-cert', join(folder, 'cert.pem'), '--tls-key', join(folder, 'key.pem')] : []
  // Who comes from elsewhere by its name is no business of this test.
  const extra = ['--demo-open', '--public-url', `${isTls ? 'https' : 'http'}://${NAME}:${port}`, ...tls]
  const { program } = await startServer(join(folder, 'server'), port, { extra })
  programs.push(program)
  return { url: `${isTls ? 'https' : 'http'}://${NAME}:${port}`, port }
}

function relay(url: string, env: Record<string, string>, extra: readonly string[] = [], user = true): Program {
  const person = user ? { user: ['kim', '1111'] as const } : {}
  const program = startRelay({ url, folder: join(folder, 'relay'), extra, env: { ...NO_ENV, ...env }, ...person })
  programs.push(program)
  return program
}

/** A command that a person signed in for: the uplink and the requests beside it both came through. */
async function post(program: Program): Promise<void> {
  await program.until(isLive)
  program.send({ ref: 'r1', command: 'chat.post', data: { line: 'line-3', text: 'Through the proxy' } })
  expect(await program.until(({ kind }) => kind === 'result')).toMatchObject({ outcome: 'applied' })
}

/** All at once, and in the middle of them a P0; each is answered once, in order within its lane. */
async function postAThousand(program: Program): Promise<void> {
  const refs = Array.from({ length: 1_000 }, (_, index) => `m${index + 1}`)
  const data = (text: string) => ({ line: 'line-3', text })
  for (const ref of refs) program.send({ ref, command: 'chat.post', data: data(ref) })
  const raise = { priority: 'P0', area: 'line-3', title: 'Gas in hall 3' }
  program.send({ ref: 'p0', command: 'alert.raise', data: raise })
  for (const last of ['p0', 'm1000']) await program.until(({ kind, ref }) => kind === 'result' && ref === last)
  const results = program.lines.filter(({ kind, ref }) => kind === 'result' && ref !== 'r1')
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['applied']))
  const order = results.map(({ ref }) => ref)
  expect(order.filter((ref) => ref !== 'p0')).toEqual(refs)
  expect(order.filter((ref) => ref === 'p0')).toEqual(['p0'])
}

describe('[R71] through an HTTP proxy', () => {
  it('uplink and sign-in go by CONNECT, with the login of the proxy, to a server whose authority is named', async () => {
    proxy.demand('andon:let me in')
    const { url, port } = await server({ isTls: true })
    await post(relay(url, { HTTPS_PROXY: `http://andon:let%20me%20in@${proxyAt}` }, ca()))
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${NAME}:${port}`]))
    expect(proxy.asked.length).toBeGreaterThanOrEqual(2)
  })

  it.each(['ws', 'stream', 'poll'])('by plain HTTP, too, and by every way: %s', async (way) => {
    const { url, port } = await server({ isTls: false })
    await post(relay(url, { http_proxy: `http://${proxyAt}` }, ['--transport', way]))
    expect(proxy.asked).toContain(`POST http://${NAME}:${port}/api/sessions`)
    expect(proxy.asked.includes(`CONNECT ${NAME}:${port}`)).toBe(way === 'ws')
  })

  it('what NO_PROXY names, and this machine itself, is asked without one', async () => {
    const { url, port } = await server({ isTls: false })
    // Nobody but the proxy knows the name.
    const lost = relay(url, { HTTP_PROXY: `http://${proxyAt}`, NO_PROXY: '.plant.example' })
    await lost.until(({ kind, ...status }) => kind === 'status' && status['state'] === 'waiting')
    await lost.kill()
    await post(relay(`http://127.0.0.1:${port}`, { HTTP_PROXY: `http://${proxyAt}` }))
    expect(proxy.asked).toEqual([])
  })

  it('a proxy that wants another login is said, and nothing of the login', async () => {
    proxy.demand('andon:secret')
    const { url } = await server({ isTls: true })
    const refused = relay(url, { HTTPS_PROXY: `http://andon:wrong@${proxyAt}` }, ca(), false)
    const { reason } = await refused.until(({ kind, ...status }) => kind === 'status' && status['state'] === 'waiting')
    expect(String(reason)).toContain('The HTTP proxy on the way wants a name and a password')
    expect(String(reason)).not.toContain('wrong')
  })

  it('a server whose authority nobody named is not trusted, and the proxy reads nothing', async () => {
    const { url } = await server({ isTls: true })
    await writeFile(join(folder, 'ca.pem'), FIRST.cert)
    const stranger = relay(url, { HTTPS_PROXY: `http://${proxyAt}` }, ca(), false)
    const { reason } = await stranger.until(({ kind, ...status }) => kind === 'status' && status['state'] === 'waiting')
    expect(String(reason)).toContain('not trusted')
  })

  it('a proxy or a file of authorities that is none ends the start, with a sentence and without a password', async () => {
    await writeFile(join(folder, 'garbage.pem'), 'garbage')
    await writeFile(join(folder, 'half.pem'), SECOND.cert.replace('MII', 'xxx'))
    for (const [env, extra, says] of [
      [{ HTTPS_PROXY: 'socks5://kim:1111@10.0.0.1:1080' }, [], /must be an address like http:\/\/proxy:3128/],
      [{}, ['--ca', join(folder, 'garbage.pem')], /garbage\.pem holds no certificate/],
      [{}, ['--ca', join(folder, 'half.pem')], /half\.pem holds no certificate/],
      [{}, ['--ca', join(folder, 'nothing.pem')], /nothing\.pem cannot be read/],
    ] as const) {
      const program = relay(`https://${NAME}`, env, extra)
      expect(await program.exited).toBe(2)
      expect(program.stderr).toMatch(says)
      expect(program.stderr).not.toContain('1111')
    }
  })
})

describe.skipIf(found('squid') === undefined)('[R71] through Squid', () => {
  it('by CONNECT, a thousand commands and a P0 come once and in order', async () => {
    const { url, port } = await server({ isTls: true })
    const at = await freePort()
    await writeFile(join(folder, 'hosts'), `127.0.0.1 ${NAME}\n`)
    const configuration = [
      `http_port 127.0.0.1:${at}`,
      `hosts_file ${join(folder, 'hosts')}`,
      `pid_filename ${join(folder, 'squid.pid')}`,
      `access_log stdio:${join(folder, 'access.log')}`,
      `cache_log ${join(folder, 'cache.log')}`,
      `coredump_dir ${folder}`,
      `acl andon port ${port}`,
      'http_access allow CONNECT andon',
      'http_access deny all',
      'cache deny all',
      'shutdown_lifetime 1 seconds',
      'pinger_enable off',
    ]
    // It gives its rights away where it has some, and then needs the folder all the same.
    spawnSync('chmod', ['-R', '777', folder])
    fronts.push(await FrontProgram.start('squid', `${configuration.join('\n')}\n`, { folder, port: at }))
    const terminal = relay(url, { HTTPS_PROXY: `http://127.0.0.1:${at}` }, ca())
    await post(terminal)
    await postAThousand(terminal)
    const seen = () => readFile(join(folder, 'access.log'), 'utf8')
    await Promise.all(programs.splice(0).map((program) => program.kill()))
    await expect.poll(seen).toMatch(new RegExp(`TCP_TUNNEL/200 .* CONNECT ${NAME}:${port} `))
  })
})
