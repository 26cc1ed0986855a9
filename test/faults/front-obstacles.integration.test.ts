/** Proxies that plants really have, set up as people set them up who know nothing of WebSocket or of streams. */
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Way } from '../../relay/protocol/ways.ts'
import { found, FrontProgram, nginxOf, type FrontName } from '../support/front-program.ts'
import { HostileProxy } from '../support/hostile-proxy.ts'
import { comeBack, keepPromises, postAll, refsOf, useCourse } from '../support/obstacle-course.ts'
import { freePort } from '../support/processes.ts'

/** Tunnels as sites have them, and a case takes minutes (`npm run prove`). */
const IS_FULL = process.env['ANDON_OBSTACLES'] === 'full'
/** Above those after which three lives are asked for (R56), and below the interval of heartbeats, which keep one open. */
const TUNNEL = IS_FULL
  ? { ms: 10_000, heartbeatMs: LIMITS.maxHeartbeatMs }
  : { ms: 6_000, heartbeatMs: LIMITS.heartbeatMs }
/** Of a person: alerts are told again until somebody answers, and no tunnel would be quiet. */
const REFS = refsOf(1_000)
const course = useCourse()

interface Front {
  readonly name: FrontName
  readonly configure: (ports: { readonly port: number; readonly server: number }) => string
}

/** nginx with these lines where the document has those about WebSocket and streams. */
function nginx(lines: string): Front {
  return {
    name: 'nginx',
    configure: ({ port, server }) =>
      nginxOf(
        `server { listen 127.0.0.1:${port}; location / {
           proxy_pass http://127.0.0.1:${server}; proxy_set_header Host $http_host; ${lines} } }`,
        course.root(),
      ),
  }
}

function haproxy(tunnelMs: number): Front {
  return {
    name: 'haproxy',
    configure: ({ port, server }) => `
defaults
  mode http
  timeout connect 5s
  timeout client 120s
  timeout server 120s
  timeout tunnel ${tunnelMs}ms
listen site
  bind 127.0.0.1:${port}
  server andon 127.0.0.1:${server}
`,
  }
}

/** A terminal behind this proxy, which goes away once it is lifted. */
async function behind({ name, configure }: Front, heartbeatMs?: number) {
  const { port: server, direct } = await course.start(heartbeatMs)
  const port = await freePort()
  const front = await FrontProgram.start(name, configure({ port, server }), { folder: course.root(), port })
  const passage = new HostileProxy(port, 'none')
  course.atEnd(() => passage.close())
  course.atEnd(() => front.kill())
  const device = await course.open('device', await passage.listen())
  await device.until(() => device.liveBy !== null)
  return { device, direct, lift: () => passage.lift(server) }
}

describe.skipIf(found('nginx') === undefined)('behind nginx (where it is installed)', () => {
  it('[R56, R59] without Upgrade: by the stream, and back once it is lifted', async () => {
    const { device, direct, lift } = await behind(nginx('proxy_http_version 1.1;'))
    await postAll({ device, direct }, REFS)
    await keepPromises({ device, direct }, { way: 'stream', reason: 'upgrade-missing', refs: REFS })
    expect(await comeBack(device, lift)).toEqual(new Set(['live']))
  })

  it.each<[string, string, Way, string]>([
    ['with proxy_buffering, which the server asks to leave', 'proxy_buffering on;', 'stream', 'upgrade-missing'],
    [
      'with proxy_buffering, whatever the server asks',
      'proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;',
      'poll',
      'upgrade-missing',
    ],
  ])('[R56, R59] %s: by the right way, and back once it is lifted', async (_what, lines, way, reason) => {
    const { device, direct, lift } = await behind(nginx(lines))
    await postAll({ device, direct }, REFS)
    await keepPromises({ device, direct }, { way, reason, refs: REFS })
    expect(await comeBack(device, lift)).toEqual(new Set(['live']))
  })
})

describe.skipIf(found('haproxy') === undefined)('behind HAProxy (where it is installed)', () => {
  it('[R56, R59] whose tunnels end between two heartbeats: by the stream, and back once it is lifted', async () => {
    const { device, direct, lift } = await behind(haproxy(TUNNEL.ms), TUNNEL.heartbeatMs)
    await postAll({ device, direct }, REFS)
    // A response in chunks is none of its tunnels.
    await keepPromises({ device, direct }, { way: 'stream', reason: 'way-cut', refs: REFS })
    expect(await comeBack(device, lift)).toEqual(new Set(['live']))
  })
})
