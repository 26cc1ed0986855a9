import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, expect, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from '../../build/chromium.mjs'

/** What a page logged as an error. `network`: the browser's own lines about a server that is not there. */
interface LoggedError {
  readonly kind: 'network' | 'page'
  readonly words: string
}

export interface DeviceOptions {
  /** `block`: pages come from the server each time, as on the very first visit. */
  readonly serviceWorkers?: 'allow' | 'block'
  /** Whether it can be closed and opened again with what it had: then it is a browser of its own on a folder of its own. */
  readonly isKept?: boolean
  /** Where its profile is, if not in a folder of its own; it is then kept. */
  readonly folder?: string
  /** Where it finds the product, if not at the server itself. */
  readonly url?: string
  /** What a browser of its own is started with, where it is kept. */
  readonly args?: readonly string[]
  /** Done to every opened browser before it has a page; for what another browser would lack or allow. */
  readonly prepare?: (context: BrowserContext) => Promise<unknown>
}

/** The Chromium in which devices are profiles beside each other that leave nothing behind; started when it is first needed. */
export class SharedChromium {
  #starting: Promise<Browser> | null = null

  async context(options: DeviceOptions): Promise<BrowserContext> {
    this.#starting ??= chromium.launch(launchOptions())
    return (await this.#starting).newContext(contextOptions(options))
  }

  async close(): Promise<void> {
    await (await this.#starting)?.close()
  }
}

/** One browser profile: a device. One that is kept can be closed and opened again with everything it had on its disk. */
export class Device {
  readonly #url: string
  readonly #options: DeviceOptions
  /** Of its own, gone at the end. */
  readonly #ownFolder: string | null
  /** Of every tab it ever had, also of those that are closed. */
  readonly #errors: LoggedError[] = []
  #context: BrowserContext

  private constructor(
    context: BrowserContext,
    url: string,
    rest: { options: DeviceOptions; ownFolder: string | null },
  ) {
    this.#context = context
    this.#url = url
    this.#options = rest.options
    this.#ownFolder = rest.ownFolder
  }

  static async open(url: string, options: DeviceOptions, shared: SharedChromium): Promise<Device> {
    const isOwn = options.isKept === true && options.folder === undefined
    const ownFolder = isOwn ? await mkdtemp(join(tmpdir(), 'andon-device-')) : null
    const folder = options.folder ?? ownFolder
    const context = folder === null ? await shared.context(options) : await launch(folder, options)
    await options.prepare?.(context)
    return new Device(context, url, { options, ownFolder })
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
    const folder = this.#options.folder ?? this.#ownFolder
    if (folder === null) throw new Error('this device is not kept: it has nothing to be opened with')
    this.#context = await launch(folder, this.#options)
    await this.#options.prepare?.(this.#context)
    return this.tab(path)
  }

  async dispose(): Promise<void> {
    await this.#context.close()
    if (this.#ownFolder !== null) await rm(this.#ownFolder, { recursive: true, force: true })
  }
}

function launch(folder: string, options: DeviceOptions): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...launchOptions(options), ...contextOptions(options) })
}

function launchOptions({ args = [] }: Pick<DeviceOptions, 'args'> = {}) {
  const executablePath = findChromium()
  return { headless: true, args: [...CHROMIUM_ARGS, ...args], ...(executablePath !== null && { executablePath }) }
}

function contextOptions({ serviceWorkers }: DeviceOptions) {
  return { viewport: { width: 1920, height: 1080 }, ...(serviceWorkers !== undefined && { serviceWorkers }) }
}

/** A page of the product, in the words of the person who uses it. */
export class Tab {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Presses as a person does: again, when the page says that this had just moved and nothing was pressed. */
  async press(target: Locator): Promise<void> {
    const refusal = this.page.getByText(/^(This has just moved|방금)/)
    for (;;) {
      await target.click()
      const isSamePage = await this.page
        .evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
        .then(
          () => true,
          () => false, // it led to another
        )
      if (!isSamePage || !(await refusal.isVisible())) return
      await expect(refusal).toBeHidden()
    }
  }

  async signIn(name: string, pin: string): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).fill(name)
    for (const digit of pin) await this.press(this.page.getByRole('button', { name: digit, exact: true }))
    await this.press(this.page.getByRole('button', { name: 'Sign in', exact: true }))
    await expect(this.page.getByRole('button', { name: new RegExp(`^Signed in: ${name}`) })).toBeVisible()
  }

  async signOut(): Promise<void> {
    await this.press(this.page.getByRole('button', { name: /^Signed in: / }))
    await this.press(this.page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }))
  }

  async show(view: 'Alerts' | 'Work orders' | 'Line chat' | 'Handover' | 'Not accepted'): Promise<void> {
    await this.press(this.view(view))
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
    await this.press(this.page.getByRole('button', { name: 'Send', exact: true }))
  }

  /** Opens the order and changes its quantity. */
  async setQuantity(number: string, quantity: number): Promise<void> {
    await this.press(this.order(number).getByRole('button').first())
    const sheet = this.page.getByRole('dialog')
    await sheet.getByLabel('Quantity', { exact: true }).fill(String(quantity))
    await this.press(sheet.getByRole('button', { name: 'Save changes' }))
    await expect(sheet).toBeHidden()
  }

  /** Makes an order that is due today, under the number that is proposed. */
  async plan(title: string, quantity: number): Promise<void> {
    await this.press(this.page.getByRole('button', { name: 'New order' }))
    const sheet = this.page.getByRole('dialog')
    await sheet.getByLabel('Title', { exact: true }).fill(title)
    await sheet.getByLabel('Quantity', { exact: true }).fill(String(quantity))
    await sheet.getByRole('radio', { name: 'Today' }).check({ force: true })
    await this.press(sheet.getByRole('button', { name: 'Create order' }))
    await expect(sheet).toBeHidden()
  }

  async raise(priority: 'P0' | 'P1' | 'P2' | 'P3', title: string): Promise<void> {
    await this.press(this.page.getByRole('button', { name: 'Raise alert' }))
    const sheet = this.page.getByRole('dialog')
    await sheet.getByRole('radio', { name: new RegExp(`^${priority}`) }).check({ force: true })
    await sheet.getByLabel('What is wrong, and where').fill(title)
    await this.press(sheet.getByRole('button', { name: `Raise ${priority}` }))
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
