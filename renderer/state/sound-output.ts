import { PATTERNS, samplesOf, type Heard } from './sound-tones.ts'

/** `starting`: not known yet. `ready`: it can be heard. `blocked`: the browser waits for a press. `no-device`: nothing to sound through. */
export type OutputState = 'starting' | 'ready' | 'blocked' | 'no-device' | 'unavailable'

/** A page that may sound does so within this time, milliseconds; a browser that waits for a press never says that it does. */
const STARTING_MS = 500

/** How loud, of full scale: the terminal's own volume decides the rest, and what is near full scale distorts. */
const GAIN = 0.8

/** Presses after which a browser lets a page sound (HTML: "user activation"). */
const PRESSES = ['pointerup', 'keydown', 'touchend'] as const

/**
 * The loudspeaker of this page: one sound at a time, made of samples, so no file is loaded and a repeating alarm goes on
 * although the page is in the background, where timers are slowed down.
 */
export class SoundOutput {
  readonly #page: Window & typeof globalThis
  readonly #changed: (state: OutputState) => void
  #context: AudioContext | null = null
  #state: OutputState = 'starting'
  #playing: { readonly source: AudioBufferSourceNode; readonly isLoop: boolean } | null = null
  readonly #buffers = new Map<Heard, AudioBuffer>()

  constructor(page: Window & typeof globalThis, changed: (state: OutputState) => void) {
    this.#page = page
    this.#changed = changed
  }

  get state(): OutputState {
    return this.#state
  }

  /** Tries to sound: at once in a kiosk, after the next press in a browser. Returns the release. */
  start(): () => void {
    if (typeof this.#page.AudioContext !== 'function') {
      this.#become('unavailable')
      return () => undefined
    }
    const stop = new AbortController()
    const { signal } = stop
    const pressed = (): void => void this.#resume()
    for (const press of PRESSES) this.#page.addEventListener(press, pressed, { signal, capture: true, passive: true })
    // A loudspeaker that is plugged in, or pulled out.
    const devices = (this.#page.navigator as Partial<Navigator>).mediaDevices
    devices?.addEventListener('devicechange', () => void this.#resume(), { signal })
    void this.#resume()
    const starting = setTimeout(() => {
      if (this.#state === 'starting') this.#look()
    }, STARTING_MS)
    return () => {
      stop.abort()
      clearTimeout(starting)
      this.stop()
      void this.#context?.close().catch(() => undefined) // closed already by the browser: the same end
      this.#context = null
    }
  }

  /** Sounds once, instead of whatever sounds. False when it cannot be heard. */
  once(priority: Heard): boolean {
    return this.#play(priority, { isLoop: false })
  }

  /** Repeats until `stop`. The same again changes nothing. */
  loop(priority: Heard): boolean {
    if (this.#playing?.isLoop === true) return true
    return this.#play(priority, { isLoop: true })
  }

  /** Ends what repeats; what sounds once is let out. */
  stop(): void {
    if (this.#playing?.isLoop === true) this.#silence()
  }

  #play(priority: Heard, { isLoop }: { readonly isLoop: boolean }): boolean {
    const context = this.#context
    if (context === null || this.#state !== 'ready') return false
    this.#silence()
    const source = context.createBufferSource()
    source.buffer = this.#bufferOf(priority, context)
    source.loop = isLoop
    const gain = context.createGain()
    gain.gain.value = GAIN
    source.connect(gain).connect(context.destination)
    source.addEventListener('ended', () => {
      gain.disconnect()
      if (this.#playing?.source === source) this.#playing = null
    })
    source.start()
    this.#playing = { source, isLoop }
    return true
  }

  #silence(): void {
    const playing = this.#playing
    this.#playing = null
    playing?.source.stop()
  }

  #bufferOf(priority: Heard, context: AudioContext): AudioBuffer {
    const known = this.#buffers.get(priority)
    if (known !== undefined) return known
    const buffer = context.createBuffer(
      1,
      Math.ceil((PATTERNS[priority].lasts * context.sampleRate) / 1_000),
      context.sampleRate,
    )
    buffer.copyToChannel(samplesOf(priority, context.sampleRate), 0)
    this.#buffers.set(priority, buffer)
    return buffer
  }

  async #resume(): Promise<void> {
    if (this.#state === 'ready' || (await this.#lacksDevice())) return
    this.#context ??= this.#open()
    // Pending for as long as the browser waits for a press; a later one settles it.
    await this.#context.resume().catch(() => undefined) // refused: `state` says so below
    this.#look()
  }

  #open(): AudioContext {
    const context = new this.#page.AudioContext({ latencyHint: 'interactive' })
    context.addEventListener('statechange', () => this.#look())
    // Chrome tells by `error` that the device is gone; TypeScript's DOM does not know yet.
    context.addEventListener('error', () => void this.#lacksDevice())
    return context
  }

  #look(): void {
    this.#become(this.#context?.state === 'running' ? 'ready' : 'blocked')
  }

  /**
   * Without a device a context may still run, into nothing. Only where a browser lists outputs at all (it then knows
   * `setSinkId`) does an empty list mean that there is none.
   */
  async #lacksDevice(): Promise<boolean> {
    const devices = (this.#page.navigator as Partial<Navigator>).mediaDevices
    if (devices === undefined || !('setSinkId' in this.#page.AudioContext.prototype)) return false
    const all = await devices.enumerateDevices().catch(() => null) // not allowed to look: then it is tried
    const lacks = all !== null && !all.some(({ kind }) => kind === 'audiooutput')
    if (lacks) this.#become('no-device')
    return lacks
  }

  #become(state: OutputState): void {
    if (state === this.#state) return
    if (state !== 'ready') this.#silence()
    this.#state = state
    this.#changed(state)
  }
}
