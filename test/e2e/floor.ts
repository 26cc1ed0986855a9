import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as base } from '@playwright/test'
import type { OrderRecord, Priority } from '../../relay/protocol/records.ts'
import { freePort, startServer, type Program } from '../support/processes.ts'
import { Device, SharedChromium, type DeviceOptions, type Tab } from './device.ts'

export interface FloorFixtures {
  /** A folder of this test alone. */
  readonly folder: string
  /** What the first server is started with beyond its place; nothing unless a file says otherwise. */
  readonly serverArguments: readonly string[]
  /** The floor of this test. What it opened is closed afterwards, and no page of it may have logged an error. */
  readonly floor: Floor
}

export const test = base.extend<FloorFixtures, { readonly shared: SharedChromium }>({
  shared: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads from the pattern what a fixture needs: nothing
    async ({}, use) => {
      const shared = new SharedChromium()
      await use(shared)
      await shared.close()
    },
    { scope: 'worker' },
  ],
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads from the pattern what a fixture needs: nothing
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'andon-e2e-'))
    await chmod(folder, 0o777) // a kiosk may run under another account than the tests
    await use(folder)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  },
  serverArguments: [[], { option: true }],
  floor: async ({ folder, serverArguments, shared }, use) => {
    const floor = new Floor(join(folder, 'server'), await freePort(), shared)
    await floor.start(serverArguments)
    await use(floor)
    await floor.close()
    floor.expectNoErrors()
  },
})

/** A demonstration server, the devices that people open there, and what the plant's other programs ask of it. */
export class Floor {
  readonly #folder: string
  readonly #port: number
  readonly #shared: SharedChromium
  readonly #devices: Device[] = []
  #server: Program | null = null
  #url = ''
  #wasServerStopped = false

  constructor(folder: string, port: number, shared: SharedChromium) {
    this.#folder = folder
    this.#port = port
    this.#shared = shared
  }

  /** Of the server; the same over every start. */
  get url(): string {
    return this.#url
  }

  /** Starts the server, or starts another where it was, with the same data. */
  async start(extra: readonly string[] = []): Promise<void> {
    const { program, url } = await startServer(this.#folder, this.#port, { extra })
    this.#server = program
    this.#url = url
  }

  /** Ends the server as a person would. */
  async stop(): Promise<void> {
    this.#wasServerStopped = true
    await this.#server?.stop()
  }

  /** Ends the server as a power cut would. */
  async kill(): Promise<void> {
    this.#wasServerStopped = true
    await this.#server?.kill()
  }

  /** `SIGSTOP`: the server takes bytes and answers nothing, until `SIGCONT`. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#server?.signal(name)
  }

  /** A device with a browser. */
  async device(options: DeviceOptions = {}): Promise<Device> {
    const opened = await Device.open(options.url ?? this.#url, options, this.#shared)
    this.#devices.push(opened)
    return opened
  }

  /** A tab of a device of its own. */
  async tab(path?: string): Promise<Tab> {
    return (await this.device()).tab(path)
  }

  /** Asks the server as another program does, with the key of the demonstration. */
  async api(
    path: string,
    request: { readonly method?: 'POST' | 'PATCH'; readonly body?: object } = {},
  ): Promise<Response> {
    return fetch(`${this.#url}/api/${path}`, {
      method: request.method ?? 'GET',
      headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json' },
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    })
  }

  /** Raises an alert. Returns its id. */
  async raise(priority: Priority, title: string, area = 'line-3'): Promise<string> {
    const response = await this.api('alerts', { method: 'POST', body: { priority, area, title } })
    expect(response.status).toBe(201)
    const { id } = (await response.json()) as { readonly id: string }
    return id
  }

  /** Kinds of evidence that any device has of an alert. */
  async evidenceOf(alert: string): Promise<readonly string[]> {
    const response = await this.api(`alerts/${alert}/evidence`)
    const { receipts } = (await response.json()) as { readonly receipts: readonly { readonly kind: string }[] }
    return receipts.map(({ kind }) => kind)
  }

  /** The work orders of line 3. */
  async orders(): Promise<readonly OrderRecord[]> {
    const response = await this.api('orders?area=line-3')
    const { orders } = (await response.json()) as { readonly orders: readonly OrderRecord[] }
    return orders
  }

  /** No page of any device logged an error; lines about a server that is away only if it was stopped here. */
  expectNoErrors(): void {
    for (const device of this.#devices) device.expectNoErrors({ wasServerStopped: this.#wasServerStopped })
  }

  /** The pages close before the server does, or they would log that it is gone. */
  async close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.dispose()))
    await this.#server?.kill()
  }
}
