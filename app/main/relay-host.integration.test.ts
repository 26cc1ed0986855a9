import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openNodeRelay } from '../../relay/adapters/node.ts'
import { systemClock } from '../../relay/adapters/system-clock.ts'
import { BridgedBus } from '../../relay/shell/bridged-bus.ts'
import { RelayHost, type GuestPort } from './relay-host.ts'

/** A server that answers nobody: the port of nothing. */
const NOWHERE = 'http://127.0.0.1:9'

/** Main's end of a window's port, with the page's end in the hand of the test. */
class FakePort implements GuestPort {
  readonly heard: unknown[] = []
  isClosed = false
  readonly #listeners: ((event: { readonly data: unknown; readonly ports: readonly GuestPort[] }) => void)[] = []
  readonly #closers: (() => void)[] = []

  postMessage(message: unknown): void {
    this.heard.push(structuredClone(message))
  }
  on(
    event: 'message' | 'close',
    heard: (event: { readonly data: unknown; readonly ports: readonly GuestPort[] }) => void,
  ) {
    if (event === 'message') this.#listeners.push(heard)
    else this.#closers.push(heard as () => void)
  }
  start(): void {}
  close(): void {
    this.isClosed = true
  }
  say(data: unknown, ...ports: readonly GuestPort[]): void {
    for (const heard of this.#listeners) heard({ data, ports })
  }
  /** The page is gone. */
  end(): void {
    for (const closed of this.#closers) closed()
  }
  of(word: string): readonly unknown[] {
    return this.heard.filter((one) => typeof one === 'object' && one !== null && 't' in one && one.t === word)
  }
}

let folder: string
let logged: string[]
let hosts: RelayHost[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-host-'))
  logged = []
  hosts = []
})
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()))
  await rm(folder, { recursive: true })
})

function makeHost({ serverUrl = NOWHERE }: { readonly serverUrl?: string | null } = {}): RelayHost {
  const clock = systemClock()
  const log = (_level: string, event: string): void => void logged.push(event)
  const windows = new BridgedBus({ clock, log })
  const host = new RelayHost({
    serverUrl,
    whatToDo: 'Write its address into the file.',
    secrets: () => null,
    dataDir: folder,
    name: 'Terminal 7',
    build: 'test',
    bus: windows,
    windows,
    clock,
    log,
    started: () => () => Promise.resolve(),
  })
  hosts.push(host)
  return host
}

function admit(host: RelayHost): FakePort {
  const port = new FakePort()
  host.admit(port, { pong: () => logged.push('pong') })
  return port
}

describe('the relay of a kiosk', () => {
  it('[R27] serves windows that came before it, and those that come later', async () => {
    const host = makeHost()
    const early = admit(host)
    early.say({ t: 'open', shows: [] })
    expect(early.heard).toEqual([])
    await host.start()
    expect(early.of('view')).toMatchObject([{ view: { deviceName: 'Terminal 7', build: 'test' } }])
    const late = admit(host)
    late.say({ t: 'open', shows: ['orders/line-3'] })
    expect(late.of('view')).toHaveLength(1)
  })

  it('[R44] hands what is for all windows to the bridge alone, and to every port once that is gone', async () => {
    const host = makeHost()
    const [one, two] = [admit(host), admit(host)]
    for (const port of [one, two]) port.say({ t: 'open', shows: [] })
    await host.start()
    const bridge = new FakePort()
    one.say({ t: 'bridge' }, bridge)
    const before = [one, two].map((port) => port.of('copy').length)
    two.say({
      t: 'command',
      ref: 'r1',
      id: '019aa000-0000-7000-8000-000000000001',
      type: 'chat.post',
      data: { line: 'line-3', text: 'x' },
    })
    await expect.poll(() => two.of('reply').length).toBe(1)
    await expect.poll(() => bridge.heard.length).toBeGreaterThan(0)
    expect([one, two].map((port) => port.of('copy').length)).toEqual(before)
    bridge.end()
    expect(two.of('copy').length).toBeGreaterThan(before[1] ?? 0)
  })

  it('[P8] refuses a window that speaks too fast, and answers it', async () => {
    const host = makeHost()
    await host.start()
    const port = admit(host)
    for (let said = 0; said < 1_500; said += 1) port.say({ t: 'sign-out', ref: `r${said}` })
    expect(port.of('reply')).toContainEqual(expect.objectContaining({ ok: false, code: 'rate-limited' }))
    expect(logged).toContain('window-too-fast')
  })

  it('asks a page whether it lives, and lets go of one that is gone', async () => {
    const host = makeHost()
    const port = new FakePort()
    const guest = host.admit(port, { pong: () => logged.push('pong') })
    guest.ping()
    expect(port.heard).toEqual([{ t: 'ping' }])
    port.say({ t: 'pong' })
    expect(logged).toEqual(['pong'])
    guest.leave()
    expect([port.isClosed, port.heard.at(-1)]).toEqual([true, { t: 'let-go' }])
  })

  it('says in words that nobody has named a server', async () => {
    const host = makeHost({ serverUrl: null })
    await host.start()
    const port = admit(host)
    port.say({ t: 'open', shows: [] })
    expect(port.heard).toEqual([{ t: 'unavailable', code: 'no-server', message: 'Write its address into the file.' }])
  })

  it('says in words that its disk is in use, and ends its tries when it is closed', async () => {
    const other = await openNodeRelay({
      dataDir: folder,
      serverUrl: NOWHERE,
      name: 'a',
      build: 'b',
      kind: 'headless',
      log: () => {},
    })
    const host = makeHost()
    const port = admit(host)
    port.say({ t: 'open', shows: [] })
    const started = host.start()
    await expect.poll(() => port.of('unavailable')).toMatchObject([{ code: 'storage-busy' }])
    await host.close()
    await started
    await other.close()
  })
})
