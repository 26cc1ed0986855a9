/** A device in this process: a real relay, its store, and everything that it lets a host see. */
import { Agent } from 'node:http'
import { join } from 'node:path'
import { openNodeRelay, type OpenRelay } from '../../relay/adapters/node.ts'
import { ownLines } from '../../relay/adapters/node-proxy.ts'
import type { Observation } from '../../relay/ports.ts'
import type { ChannelView } from '../../relay/protocol/local.ts'
import type { Way } from '../../relay/protocol/ways.ts'

const ALERT = { priority: 'P0', area: 'line-3', title: 'Fire' }
const URGENT = 'alerts/urgent'
const LINE = 'line-3'

export class WatchedDevice {
  readonly seen: Observation[] = []
  /** Says that the network may be another one, as the system would. */
  hint: (hint: 'online') => void = () => undefined
  #open: OpenRelay | null = null
  readonly #waiting = new Set<() => void>()

  /** `root`: folder in which it keeps its store under its name. */
  async open(
    name: string,
    url: string,
    root: string,
    { transport = null }: { readonly transport?: Way | null } = {},
  ): Promise<this> {
    this.#open = await openNodeRelay({
      dataDir: join(root, name),
      serverUrl: url,
      transport,
      name,
      build: 'test',
      kind: 'headless',
      nativeBinding: process.env['ANDON_SQLITE_BINDING'],
      log: () => undefined,
      wayOut: { agent: new Agent(), openLines: () => ownLines(() => Promise.resolve(null)) },
      hints: {
        listen: (hinted) => {
          this.hint = hinted
          return () => (this.hint = () => undefined)
        },
      },
      observe: (seen) => {
        this.seen.push(seen)
        for (const resolve of this.#waiting) resolve()
        this.#waiting.clear()
      },
    })
    this.#relay.subscribe(URGENT)
    await this.#relay.start()
    return this
  }

  async close(): Promise<void> {
    await this.#open?.close()
  }

  /** Kim, who posts to her line and reads it: what comes from now on comes as events. */
  async signIn(): Promise<void> {
    const signed = await this.#relay.signIn('kim', '1111')
    if (!signed.ok) throw new Error(signed.message)
    this.#relay.subscribe(`chat/${LINE}`)
    await this.until(() => this.seen.some((each) => each.kind === 'snapshot' && isOfServer(each.view)))
  }

  raise(ref: string): void {
    void this.#relay.submit({ ref, type: 'alert.raise', data: { ...ALERT, title: ref } })
  }

  post(ref: string): void {
    void this.#relay.submit({ ref, type: 'chat.post', data: { line: LINE, text: ref } })
  }

  async until(fits: () => boolean): Promise<void> {
    while (!fits()) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** By which way it is live; null while it is not. */
  get liveBy(): Way | null {
    const status = this.seen.findLast((each) => each.kind === 'status')?.status
    return status?.state === 'live' ? status.way : null
  }

  get why(): string | null {
    return this.seen.findLast((each) => each.kind === 'status')?.status.wayReason ?? null
  }

  /** Refs of the commands that were applied, in the order in which it was told. */
  get applied(): readonly string[] {
    return this.seen.flatMap((each) => (each.kind === 'result' && each.outcome === 'applied' ? [each.ref] : []))
  }

  /** Titles of the alerts that came as events, in their order. */
  get alerts(): readonly string[] {
    return this.#events('alert.raised').map((data) => (data as { record: { title: string } }).record.title)
  }

  /** Texts of the messages of its line, in their order. */
  get messages(): readonly string[] {
    return this.#events('chat.posted').map((data) => (data as { text: string }).text)
  }

  /** For a test that failed: what it was told of its link, one line, and what it had by then. */
  get story(): string {
    const told = this.seen.flatMap((each) => {
      if (each.kind !== 'status') return []
      const { state, way, wayReason, reason } = each.status
      return [[state, way, wayReason, reason].filter((word) => word !== null).join(' ')]
    })
    return `${told.join(', ')}; ${this.applied.length} applied, ${this.messages.length} messages, alerts ${this.alerts.join(', ')}`
  }

  #events(type: string): readonly unknown[] {
    return this.seen.flatMap((each) => (each.kind === 'event' && each.event.type === type ? [each.event.data] : []))
  }

  get #relay(): OpenRelay['relay'] {
    if (this.#open === null) throw new Error('not open')
    return this.#open.relay
  }
}

/** With what was there before; a device that never had any of the channel knows no epoch. */
function isOfServer({ channel, epoch }: ChannelView): boolean {
  return channel === `chat/${LINE}` && epoch !== null
}
