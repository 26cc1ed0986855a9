import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, expect, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from '../../build/chromium.mjs'

/** What a page logged as an error. `network`: the browser's own lines about a server that is not there. */
interface LoggedError {
  readonly kind: 'network' | 'page'
  readonly words: string
}

export interface DeviceOptions {
  /** `block`: pages come from the server each time, as on the very first visit. */
  readonly serviceWorkers?: 'allow' | 'block'
  /** Where its profile is; a folder of its own otherwise. */
  readonly folder?: string
  /** Done to every opened browser before it has a page; for what another browser would lack or allow. */
  readonly prepare?: (context: BrowserContext) => Promise<unknown>
}

/** One browser profile: a device. It can be closed and opened again with everything it had on its disk. */
export class Device {
  readonly #folder: string
  readonly #url: string
  readonly #options: DeviceOptions
  /** Of every tab it ever had, also of those that are closed. */
  readonly #errors: LoggedError[] = []
  #context: BrowserContext

  private constructor(folder: string, url: string, options: DeviceOptions, context: BrowserContext) {
    this.#folder = folder
    this.#url = url
    this.#options = options
    this.#context = context
  }

  static async open(url: string, options: DeviceOptions = {}): Promise<Device> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'andon-device-')))
    return new Device(folder, url, options, await launch(folder, options))
  }

  get context(): BrowserContext {
    return this.#context
  }

  /** A new tab of this device. */
  async tab(path = '/'): Promise<Tab> {
    const page = await this.#context.newPage()
    page.on('pageerror', (error) => this.#errors.push({ kind: 'page', words: error.message }))
    page.on('console', (message) => {
      if (message.type() !== 'error') return
      const words = message.text()
      const isNetwork = words.includes('net::ERR_') || words.includes('WebSocket connection')
      this.#errors.push({ kind: isNetwork ? 'network' : 'page', words })
    })
    await page.goto(this.#url + path)
    return new Tab(page)
  }

  /** No tab logged an error. Where the server was stopped on purpose, the browser's lines about that are expected. */
  expectNoErrors({ wasServerStopped }: { readonly wasServerStopped: boolean }): void {
    expect(this.#errors.filter(({ kind }) => kind === 'page' || !wasServerStopped)).toEqual([])
  }

  /** Takes back what a test provoked on purpose. */
  takeErrors(): readonly string[] {
    return this.#errors.splice(0).map(({ words }) => words)
  }

  /** Closes the browser; what the device has on its disk stays. */
  async close(): Promise<void> {
    await this.#context.close()
  }

  /** Opens the browser again on the same profile, with one tab. */
  async reopen(path = '/'): Promise<Tab> {
    this.#context = await launch(this.#folder, this.#options)
    return this.tab(path)
  }

  async dispose(): Promise<void> {
    await this.#context.close()
    if (this.#options.folder === undefined) await rm(this.#folder, { recursive: true, force: true })
  }
}

async function launch(folder: string, { serviceWorkers, prepare }: DeviceOptions): Promise<BrowserContext> {
  const executablePath = findChromium()
  const context = await chromium.launchPersistentContext(folder, {
    headless: true,
    args: CHROMIUM_ARGS,
    viewport: { width: 1920, height: 1080 },
    ...(serviceWorkers !== undefined && { serviceWorkers }),
    ...(executablePath !== null && { executablePath }),
  })
  await prepare?.(context)
  return context
}

/** A page of the product, in the words of the person who uses it. */
export class Tab {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  async signIn(name: string, pin: string): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(name)
    for (const digit of pin) await this.page.getByRole('button', { name: digit, exact: true }).click()
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(this.page.getByRole('button', { name: new RegExp(`^Signed in: ${name}`) })).toBeVisible()
  }

  async signOut(): Promise<void> {
    await this.page.getByRole('button', { name: /^Signed in: / }).click()
    await this.page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).click()
  }

  async show(view: 'Alerts' | 'Work orders' | 'Line chat' | 'Not accepted'): Promise<void> {
    await this.view(view).click()
  }

  /** The way to a view. */
  view(name: string): Locator {
    return this.page.getByRole('navigation').getByRole('link', { name: new RegExp(`^${name}`) })
  }

  get connection(): Locator {
    return this.page.getByTestId('connection-state')
  }
  get outbox(): Locator {
    return this.page.getByTestId('outbox-count')
  }
  /** The line that says that something this person did was not accepted. */
  get refusals(): Locator {
    return this.page.getByText(/(was|were) not accepted/).first()
  }
  /** Rows of what the area's people were refused. */
  get rejections(): Locator {
    return this.page.getByTestId('rejection-row')
  }
  get overlay(): Locator {
    return this.page.getByTestId('p0-overlay')
  }
  get pendingMarks(): Locator {
    return this.page.getByTestId('pending-mark')
  }

  alert(title: string): Locator {
    return this.page.getByTestId('alert-row').filter({ hasText: title })
  }
  order(number: string): Locator {
    return this.page.getByTestId('order-row').filter({ hasText: number })
  }
  message(text: string): Locator {
    return this.page.getByTestId('chat-message').filter({ hasText: text })
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel('Message', { exact: true }).fill(text)
    await this.page.getByRole('button', { name: 'Send', exact: true }).click()
  }

  /** Opens the order and changes its quantity. */
  async setQuantity(number: string, quantity: number): Promise<void> {
    await this.order(number).getByRole('button').first().click()
    const sheet = this.page.getByRole('dialog')
    await sheet.getByLabel('Quantity', { exact: true }).fill(String(quantity))
    await sheet.getByRole('button', { name: 'Save changes' }).click()
    await expect(sheet).toBeHidden()
  }

  async raise(priority: 'P0' | 'P1' | 'P2' | 'P3', title: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Raise alert' }).click()
    const sheet = this.page.getByRole('dialog')
    await sheet.getByRole('radio', { name: new RegExp(`^${priority}`) }).check({ force: true })
    await sheet.getByLabel('What is wrong, and where').fill(title)
    await sheet.getByRole('button', { name: `Raise ${priority}` }).click()
  }

  /** Puts a string into the page as markup. Returns the name of the error that it threw, or `taken`. */
  putMarkup(): Promise<string> {
    return this.page.evaluate(() => {
      try {
        document.createElement('p').innerHTML = '<b>typed</b>'
        return 'taken'
      } catch (error) {
        return error instanceof Error ? error.name : String(error)
      }
    })
  }
}
