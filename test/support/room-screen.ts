/** What a screen shows of a room: a relay as any program opens it, and a window of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRelay } from '../../relay/portal/node.ts'
import type { OpenRelay } from '../../relay/adapters/node.ts'
import { headcountOf, rosterOf, type Roster } from '../../relay/domain/presence.ts'
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import type { PortMessage } from '../../relay/protocol/local.ts'
import type { Headcount } from '../../relay/protocol/presence.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { WindowClient } from '../../relay/window.ts'

export interface Reading {
  readonly url: string
  readonly operator: string
  readonly pin: string
  readonly area: string
  /** Of the device. */
  readonly name?: string
}

export class RoomScreen {
  readonly #open: OpenRelay
  readonly #folder: string
  readonly window: WindowClient
  readonly #area: string
  readonly #waiting = new Set<() => void>()
  /** Who came to a room that `follow` names, and who left it, in the words of a program. */
  readonly moves: { readonly kind: 'joined' | 'left'; readonly device: string }[]

  private constructor(open: OpenRelay, folder: string, { area, moves }: Pick<RoomScreen, 'moves'> & { area: string }) {
    this.#open = open
    this.moves = moves
    this.#folder = folder
    this.#area = area
    this.window = windowOf(open)
    this.window.listenLive(() => {
      for (const look of this.#waiting) look()
    })
  }

  /** Signed in, and showing who is in the area. */
  static async open({ url, operator, pin, area, name = 'Screen' }: Reading): Promise<RoomScreen> {
    const folder = await mkdtemp(join(tmpdir(), 'andon-screen-'))
    const moves: RoomScreen['moves'] = []
    const open = await openRelay({
      serverUrl: url,
      dataDir: folder,
      name,
      observe: (seen) => {
        if (seen.kind === 'joined' || seen.kind === 'left') moves.push({ kind: seen.kind, device: seen.member.device })
      },
    })
    await open.relay.start()
    let code: string | null = 'unreachable'
    while (code === 'unreachable') {
      const signed = await open.relay.signIn(operator, pin)
      code = signed.ok ? null : signed.code
    }
    if (code !== null) throw new Error(`nobody signed in: ${code}`)
    const screen = new RoomScreen(open, folder, { area, moves })
    screen.show()
    screen.window.start()
    return screen
  }

  /** Who is there, and `besides`. */
  show(...besides: readonly ChannelName[]): void {
    this.window.show([this.#channel, channelName('headcount', this.#area), ...besides])
  }

  /** Shows something else. */
  hide(): void {
    this.window.show([])
  }

  /** As a program does. */
  follow(room: ChannelName): void {
    this.#open.relay.subscribe(room)
  }

  get roster(): Roster | null {
    return this.rosterIn(this.#channel)
  }

  /** Of a room that is shown besides. */
  rosterIn(room: ChannelName): Roster | null {
    return rosterOf(this.window.live, room, this.window.now())
  }

  get headcount(): Headcount | null {
    return headcountOf(this.window.live, this.#area, this.window.now())
  }

  /** Resolves when it shows this. */
  until(shows: (screen: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!shows(this)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** One more window of the same device. */
  openWindow(): WindowClient {
    const window = windowOf(this.#open)
    window.start()
    return window
  }

  async close(): Promise<void> {
    this.window.close()
    await this.#open.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  get #channel(): ChannelName {
    return presenceChannel(this.#area)
  }
}

function windowOf({ relay }: OpenRelay): WindowClient {
  const heard = new Set<(message: PortMessage) => void>()
  const attached = relay.attach({
    post: (message) => {
      for (const hear of heard) hear(structuredClone(message) as PortMessage)
    },
  })
  return new WindowClient({
    port: {
      post: (message) => attached.receive(structuredClone(message)),
      listen: (hear) => {
        heard.add(hear)
        return () => heard.delete(hear)
      },
      close: () => attached.detach(),
    },
    // Without one everything goes by the port.
    bus: { listen: () => () => {} },
    clock: {
      monotonic: () => performance.now(),
      after: (ms, then) => {
        const timer = setTimeout(then, ms)
        return () => clearTimeout(timer)
      },
    },
    random: { uuid: () => crypto.randomUUID() },
  })
}
