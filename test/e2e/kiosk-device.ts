import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { _electron, expect, type ElectronApplication, type Page } from '@playwright/test'
import { findElectron } from '../../build/electron.mjs'
import { KIOSK } from '../../build/kiosk-tasks.mjs'
import { Tab } from './device.ts'

/** Where screenshots are left to be looked at. */
export const KIOSK_SHOTS = join(import.meta.dirname, '../../test-results/kiosk-screens')

/** A line of the kiosk's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string }

export interface KioskArguments {
  readonly url: string
  /** Of this device; kept over a restart. */
  readonly folder: string
  readonly windows?: number
  /** Whole screens; otherwise ordinary windows. */
  readonly isLocked?: boolean
  /** Its data; a folder in `folder` unless named. */
  readonly data?: string
  readonly env?: Readonly<Record<string, string>>
  /** Of Electron itself. */
  readonly switches?: readonly string[]
}

/** How a kiosk ended that did not stay, and what it said. */
export interface Ending {
  readonly code: number | null
  readonly said: string
}

/** A kiosk of real Electron processes. */
export class RunningKiosk {
  readonly app: ElectronApplication
  readonly log: LogLine[] = []
  readonly #process: ChildProcess
  readonly #tabs = new Map<Page, Tab>()
  readonly #errors: string[] = []
  #waiting: (() => void)[] = []

  readonly #arguments: KioskArguments

  private constructor(app: ElectronApplication, args: KioskArguments) {
    this.app = app
    this.#arguments = args
    // Playwright forgets it when it ends.
    this.#process = app.process()
    const { stderr } = this.#process
    if (stderr === null) throw new Error('started without a pipe')
    createInterface({ input: stderr }).on('line', (line) => this.#take(line))
  }

  static async open(request: KioskArguments): Promise<RunningKiosk> {
    const { windows = 1, env = {} } = request
    const [executablePath, ...args] = command(request)
    const app = await _electron.launch({ executablePath, args, env: { ...processEnv(), ...env } })
    const kiosk = new RunningKiosk(app, request)
    await expect.poll(() => app.windows().length).toBe(windows)
    return kiosk
  }

  /** Starts another on the same folder, which is to end at once. */
  second(): Promise<Ending> {
    return tryKiosk(this.#arguments)
  }

  /** Its windows in the order in which they were opened. */
  get tabs(): readonly Tab[] {
    return this.app.windows().map((page) => this.#tabOf(page))
  }

  tab(index: number): Tab {
    const tab = this.tabs[index]
    if (tab === undefined) throw new Error(`the kiosk has no window ${index}`)
    return tab
  }

  /** The first line of the log that fits, waiting for it; lines before `after` do not count. */
  async until(fits: (line: LogLine) => boolean, after = 0): Promise<LogLine> {
    for (;;) {
      const line = this.log.slice(after).find(fits)
      if (line !== undefined) return line
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** The main process alone, as a power cut would: no handler runs. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await gone
  }

  async close(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.app.close()
  }

  /**
   * What a script says in a window, by its number in order of opening, asked by way of main: Playwright has nothing more to do
   * with a page that crashed, even after it was loaded again. Null while the page is gone.
   */
  ask(index: number, script: string): Promise<unknown> {
    return untilAnswered(() =>
      this.app.evaluate(
        async ({ BrowserWindow }, [at, source]) => {
          const window = BrowserWindow.getAllWindows().toSorted((one, other) => one.id - other.id)[at]
          if (window === undefined || window.webContents.isCrashed()) return null
          // A page that goes away in the middle never answers.
          const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 1_000))
          return (await Promise.race([window.webContents.executeJavaScript(source), late])) as unknown
        },
        [index, script] as const,
      ),
    )
  }

  /** Holds the process of a window's page still for a while, as a machine that swaps would. */
  async freeze(index: number, ms: number): Promise<void> {
    const pid = await untilAnswered(() =>
      this.app.evaluate(({ BrowserWindow }, at) => {
        const windows = BrowserWindow.getAllWindows().toSorted((one, other) => one.id - other.id)
        return windows[at]?.webContents.getOSProcessId() ?? 0
      }, index),
    )
    if (pid === 0) return // its page is just gone
    signal(pid, 'SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, ms))
    signal(pid, 'SIGCONT')
  }

  /** Takes the page of a window down, as a fault of its own would. */
  async crash(index: number): Promise<void> {
    await untilAnswered(() =>
      this.app.evaluate(({ BrowserWindow }, at) => {
        const windows = BrowserWindow.getAllWindows().toSorted((one, other) => one.id - other.id)
        windows[at]?.webContents.forcefullyCrashRenderer()
      }, index),
    )
  }

  /** No page logged an error: no exception, no violated policy. */
  expectNoErrors(): void {
    expect(this.#errors).toEqual([])
  }

  #tabOf(page: Page): Tab {
    const known = this.#tabs.get(page)
    if (known !== undefined) return known
    page.on('pageerror', (error) => this.#errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(message.text())
    })
    const tab = new Tab(page)
    this.#tabs.set(page, tab)
    return tab
  }

  #take(line: string): void {
    try {
      this.log.push(JSON.parse(line) as LogLine)
    } catch {
      return // Chromium's own words
    }
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** Starts a kiosk that is to end by itself. */
export function tryKiosk(request: KioskArguments): Promise<Ending> {
  const [program, ...args] = command(request)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, said }))
  })
}

/**
 * Asks main again when it has lost the question: a promise there that waits for nothing but its answer may be collected as
 * garbage before Playwright has it. What is asked must bear being asked twice.
 */
export async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      if (tries >= 5 || !String(error).includes('promise was garbage collected')) throw error
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has just ended by itself.
  }
}

function command({
  url,
  folder,
  data = join(folder, 'kiosk'),
  windows = 1,
  isLocked = false,
  switches = [],
}: KioskArguments): readonly [program: string, ...args: string[]] {
  const electron = findElectron()
  if ('missing' in electron) throw new Error(electron.missing)
  const settings = ['--server', url, '--data', data, '--windows', String(windows), '--name', 'Terminal 7']
  return [electron.path, ...switches, KIOSK, ...settings, ...(isLocked ? [] : ['--windowed'])]
}

function processEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
