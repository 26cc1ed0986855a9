import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium, type Browser, type Page } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from '../../build/chromium.mjs'

/**
 * A Chromium that was started without Playwright's own switches and is only watched by it. Playwright keeps every page of its
 * own browsers focused, visible and awake, so nothing can be frozen there.
 */
export class OwnChromium {
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #browser: Browser

  private constructor(child: ChildProcess, folder: string, browser: Browser) {
    this.#child = child
    this.#folder = folder
    this.#browser = browser
  }

  /** `more`: further switches. */
  static async start(more: readonly string[] = []): Promise<OwnChromium> {
    const path = findChromium()
    if (path === null) throw new Error('there is no Chromium')
    const folder = await mkdtemp(join(tmpdir(), 'andon-chromium-'))
    const args = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${folder}`, ...CHROMIUM_ARGS, ...more]
    const child = spawn(path, [...args, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        const found = /^DevTools listening on (ws:\S+)$/.exec(line)?.[1]
        if (found !== undefined) resolve(found)
      })
      child.on('close', (code) => reject(new Error(`Chromium ended with ${code}`)))
    })
    return new OwnChromium(child, folder, await chromium.connectOverCDP(address, { noDefaults: true }))
  }

  async page(): Promise<Page> {
    const [context] = this.#browser.contexts()
    if (context === undefined) throw new Error('Chromium has no profile')
    return context.newPage()
  }

  /** Texts that the shared worker of this origin sends over WebSockets from now on. */
  async sentByWorker(origin: string): Promise<readonly string[]> {
    const session = await this.#browser.newBrowserCDPSession()
    const { targetInfos } = await session.send('Target.getTargets')
    const worker = targetInfos.find(({ type, url }) => type === 'shared_worker' && url.startsWith(origin))
    if (worker === undefined) throw new Error('there is no shared worker')
    const sent: string[] = []
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { method, params } = JSON.parse(message) as CdpMessage
      if (method === 'Network.webSocketFrameSent') sent.push(params.response.payloadData)
    })
    // A worker has no session of Playwright's, so what is said to it goes by the browser's.
    const { sessionId } = await session.send('Target.attachToTarget', { targetId: worker.targetId, flatten: false })
    const message = JSON.stringify({ id: 1, method: 'Network.enable' })
    await session.send('Target.sendMessageToTarget', { sessionId, message })
    return sent
  }

  async dispose(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.on('close', resolve))
    await this.#browser.close()
    // Its own process group: Debian's launcher is a script that starts it.
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL')
    await closed
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

interface CdpMessage {
  readonly method?: string
  readonly params: { readonly response: { readonly payloadData: string } }
}
