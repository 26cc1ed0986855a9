import { effect, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import { Workbox } from 'workbox-window'
import { nameAt } from '../../relay/protocol/local.ts'
import type { App } from '../state/app.ts'
import { hindranceIn } from '../state/hindrance.ts'
import type { Hindrance, UpdateOffer } from '../state/update-offer.ts'
import { BUSY_LOCK, USED_LOCK, WindowSign } from './window-locks.ts'

/** Without a touch for so long nobody is in the middle of something, milliseconds. */
const IDLE_MS = 5 * 60_000
/** A terminal that never loses its connection asks so often whether there is a newer Andon. */
const ASK_MS = 60 * 60_000
/** A connection that comes and goes asks no more often than this, and then once for all it wanted. */
const ASK_AGAIN_MS = 10_000

/** What makes a person's presence. Capturing, so that no screen can keep it to itself. */
const TOUCHES = ['pointerdown', 'keydown', 'wheel'] as const

/**
 * Keeps the pages of this browser up to date, by their service worker.
 *
 * 1. A new build waits. It starts when a person presses the bar's button, or when no window of this browser was touched for
 *    5 minutes; and never while any of them shows an unacknowledged P0 or something that is not saved.
 * 2. Started by one window, it is the new build for all: each other window loads anew by the same rule, and says so until
 *    then. What an old window still loads meanwhile comes from the server, which keeps the two builds before.
 * 3. A window that could not start has nothing to lose and starts the new build at once: it may be the mended one.
 */
export class Updates {
  /** Null while there is nothing to offer. */
  readonly #offered: Signal<UpdateOffer | null> = signal(null)
  readonly #workbox: Workbox
  readonly #path: string
  readonly #busy: WindowSign
  readonly #used: WindowSign
  #app: App | null = null
  #isStuck = false
  #touchedAt = performance.now()
  #askedAt = -Infinity
  #askTimer: ReturnType<typeof setTimeout> | undefined

  /**
   * @param scriptUrl of the service worker, trusted
   * @param path where the pages of this floor stand
   */
  constructor(scriptUrl: string, path: string) {
    this.#workbox = new Workbox(scriptUrl)
    this.#path = path
    this.#busy = new WindowSign(navigator.locks, nameAt(path, BUSY_LOCK))
    this.#used = new WindowSign(navigator.locks, nameAt(path, USED_LOCK))
  }

  /** Registers the service worker. A browser that refuses it shows the same pages, only not offline. */
  async start(): Promise<void> {
    this.#workbox.addEventListener('waiting', () => this.#offer('ready'))
    let wasClaimed = this.#isClaimed()
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      // The very first one takes in the page that brought it: the same build.
      if (wasClaimed) this.#offer('started')
      wasClaimed = this.#isClaimed()
    })
    for (const touch of TOUCHES) addEventListener(touch, () => this.#touch(), { capture: true, passive: true })
    document.addEventListener('visibilitychange', () => this.#ask())
    setInterval(() => this.#tick(), 60_000)
    this.#touch()
    const registration = await this.#workbox.register()
    this.#askedAt = performance.now()
    if (registration !== undefined) this.#askIn(registration)
  }

  /** A page that was still being loaded when the first service worker began would never hear that another window starts a build. */
  #askIn({ active, waiting, installing }: ServiceWorkerRegistration): void {
    const worker = active ?? waiting ?? installing
    const ask = (): void => {
      if (worker?.state === 'activated' && !this.#isClaimed()) worker.postMessage({ type: 'CLAIM' })
    }
    worker?.addEventListener('statechange', ask)
    ask()
  }

  /** There are screens now. */
  attach(app: App): void {
    this.#app = app
    this.#isStuck = false
    effect(() => this.#busy.hold(hindranceIn(app) !== null))
    effect(() => {
      app.update.value = this.#offered.value
    })
    // A server that comes back may be a newer one.
    whenTrue(app.isLive, () => this.#ask())
  }

  /** This window has no screens and knows no way to them. */
  stuck(): void {
    this.#isStuck = true
    void this.#offered.value?.restart()
  }

  /** By the service worker of this floor: a floor above it may have taken the page in before. */
  #isClaimed(): boolean {
    const { controller } = navigator.serviceWorker
    return controller !== null && new URL(controller.scriptURL).pathname === `${this.#path}sw.js`
  }

  #offer(kind: UpdateOffer['kind']): void {
    const offer = { kind, restart: () => this.#pressed(kind) }
    this.#offered.value = offer
    if (this.#isStuck) void offer.restart()
  }

  async #pressed(kind: UpdateOffer['kind']): Promise<Hindrance | null> {
    const hindrance = await this.#hindrance(kind)
    if (hindrance === null) this.#begin(kind)
    return hindrance
  }

  /** Other windows matter only as long as the old build runs in them. */
  async #hindrance(kind: UpdateOffer['kind']): Promise<Hindrance | null> {
    const here = this.#app === null ? null : hindranceIn(this.#app)
    if (here !== null || kind === 'started') return here
    return (await this.#busy.isHeldElsewhere()) ? 'elsewhere' : null
  }

  /** Once the new service worker has control, every window hears of it; this one then loads anew without asking again. */
  #begin(kind: UpdateOffer['kind']): void {
    if (kind === 'started') {
      location.reload()
      return
    }
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload())
    this.#workbox.messageSkipWaiting()
  }

  #touch(): void {
    this.#touchedAt = performance.now()
    this.#used.hold(true)
  }

  #tick(): void {
    const isIdle = performance.now() - this.#touchedAt >= IDLE_MS
    this.#used.hold(!isIdle)
    if (performance.now() - this.#askedAt >= ASK_MS) this.#ask()
    const offer = this.#offered.value
    if (offer !== null && isIdle) void this.#startIdle(offer)
  }

  async #startIdle(offer: UpdateOffer): Promise<void> {
    if (offer.kind === 'ready' && (await this.#used.isHeldElsewhere())) return
    await offer.restart()
  }

  /** Whether there is a newer build. What fails is asked again at the next occasion. */
  #ask(): void {
    if (document.visibilityState === 'hidden' && this.#app?.isLive.value !== true) return
    clearTimeout(this.#askTimer)
    const tooEarly = this.#askedAt + ASK_AGAIN_MS - performance.now()
    if (tooEarly > 0) {
      this.#askTimer = setTimeout(() => this.#ask(), tooEarly)
      return
    }
    this.#askedAt = performance.now()
    this.#workbox.update().catch(() => undefined)
  }
}

/** Calls at each change from false to true. */
function whenTrue(source: ReadonlySignal<boolean>, call: () => void): void {
  let was = source.peek()
  effect(() => {
    const is = source.value
    if (is && !was) call()
    was = is
  })
}
