import { effect, signal, type ReadonlySignal } from '@preact/signals'
import { nameAt } from '../../relay/protocol/local.ts'
import type { AlertBoard } from '../../relay/domain/alerts.ts'
import { NOTHING_HEARD, planSound, SILENCE_MS, silenceOf, type Silence } from './sound-plan.ts'
import { SoundOutput, type OutputState } from './sound-output.ts'

/** Held by the one window of the device that sounds. */
export const SOUND_LOCK = 'andon-sound'
/** On which windows of the device tell each other that a person pressed "silence". */
const SOUND_CHANNEL = 'andon-sound'
/** How often a window that may not sound looks whether another one does, milliseconds. */
const LOOK_MS = 5_000

/** `elsewhere`: another window of this device sounds. The others: why nothing is heard here. */
export type SoundState = 'on' | 'elsewhere' | Exclude<OutputState, 'ready'>

/** What the screens need of sound. */
export interface Sound {
  readonly state: ReadonlySignal<SoundState>
  /** Whether a P0 asks to be heard on this device now. */
  readonly isAlarming: ReadonlySignal<boolean>
  /** What was silenced here; it may have run out. */
  readonly silence: ReadonlySignal<Silence | null>
  /** Monotonic milliseconds: the clock of `silence`. */
  now(): number
  /** Keeps what sounds now quiet for a minute, on every window of this device. Acknowledges nothing. */
  hush(): void
  /** Sounds once, from this very window. False when it cannot be heard. */
  test(): boolean
}

export interface SoundSource {
  readonly board: ReadonlySignal<AlertBoard>
  /** Whether the urgent alerts are current. */
  readonly isCurrent: ReadonlySignal<boolean>
}

/** For pages without sound: the gallery, tests. */
export const NO_SOUND: Sound = {
  state: signal<SoundState>('on'),
  isAlarming: signal(false),
  silence: signal(null),
  now: () => 0,
  hush: () => undefined,
  test: () => false,
}

/** The sound of alarms in this window. `follow` begins it. */
export class AlarmSound implements Sound {
  readonly state = signal<SoundState>('starting')
  readonly isAlarming = signal(false)
  readonly silence = signal<Silence | null>(null)
  readonly #page: Window & typeof globalThis
  readonly #lock: string
  readonly #bus: string
  readonly #output: SoundOutput
  #waiting: AbortController | null = null
  #letGo: () => void = () => undefined
  #isHolder = false
  #look: () => void = () => undefined

  /** @param path where the pages of this floor stand */
  constructor(page: Window & typeof globalThis, path: string) {
    this.#page = page
    this.#lock = nameAt(path, SOUND_LOCK)
    this.#bus = nameAt(path, SOUND_CHANNEL)
    this.#output = new SoundOutput(page, () => this.#outputChanged())
  }

  now(): number {
    return this.#page.performance.now()
  }

  hush(): void {
    this.#hushed()
    this.#channel?.postMessage('silence')
  }

  test(): boolean {
    return this.#output.once('P1')
  }

  #channel: BroadcastChannel | null = null
  #hushed: () => void = () => undefined

  /** Sounds for these alarms from now on. Returns the release. */
  follow({ board, isCurrent }: SoundSource): () => void {
    let memory = NOTHING_HEARD
    let cancel: ReturnType<typeof setTimeout> | undefined
    this.#look = () => {
      clearTimeout(cancel)
      const now = this.now()
      const silence = this.silence.value
      const plan = planSound(memory, { rows: board.value.rows, isCurrent: isCurrent.value, silence, now })
      memory = plan.memory
      this.isAlarming.value = plan.wish.loop !== null
      if (this.#isHolder) this.#sound(plan.wish)
      if (silence !== null && now < silence.until) cancel = setTimeout(this.#look, silence.until - now)
    }
    this.#hushed = () => {
      this.silence.value = silenceOf(board.value.rows, this.now())
    }
    const channel = new this.#page.BroadcastChannel(this.#bus)
    channel.addEventListener('message', () => this.#hushed())
    this.#channel = channel
    const releases = [
      effect(() => this.#look()),
      this.#output.start(),
      () => clearTimeout(cancel),
      () => channel.close(),
      this.#watchOthers(),
      () => this.#giveUp(),
    ]
    this.#outputChanged()
    return () => releases.forEach((release) => release())
  }

  #sound({ loop, once }: ReturnType<typeof planSound>['wish']): void {
    if (loop === null) this.#output.stop()
    else this.#output.loop(loop)
    if (once !== null) this.#output.once(once)
  }

  /** A window asks to be the one that sounds only when it can be heard; one that falls silent lets another one. */
  #outputChanged(): void {
    const { state } = this.#output
    if (state === 'ready') return this.#claim()
    this.#giveUp()
    this.state.value = state
    void this.#lookForOthers()
  }

  #claim(): void {
    if (this.#waiting !== null) return
    const waiting = new AbortController()
    this.#waiting = waiting
    this.state.value = 'elsewhere'
    const held = this.#page.navigator.locks.request(this.#lock, { signal: waiting.signal }, () => {
      if (waiting.signal.aborted) return undefined
      this.#isHolder = true
      this.state.value = 'on'
      this.#look()
      return new Promise<void>((resolve) => (this.#letGo = resolve))
    })
    held.catch(() => undefined) // given up while it waited
  }

  #giveUp(): void {
    this.#waiting?.abort()
    this.#waiting = null
    this.#isHolder = false
    this.#letGo()
  }

  #watchOthers(): () => void {
    const timer = setInterval(() => void this.#lookForOthers(), LOOK_MS)
    return () => clearInterval(timer)
  }

  /** Where another window sounds, nobody need be asked to press anything here. */
  async #lookForOthers(): Promise<void> {
    if (this.#output.state === 'ready') return
    const { held = [] } = await this.#page.navigator.locks.query()
    const isElsewhere = held.some(({ name }) => name === this.#lock)
    const state = stateOf(this.#output)
    // It may have become able to sound meanwhile.
    if (state !== 'ready') this.state.value = isElsewhere ? 'elsewhere' : state
  }
}

/** Seconds a silence still lasts; 0 when there is none. */
export function secondsSilent({ silence, now }: Pick<Sound, 'silence' | 'now'>): number {
  if (silence.value === null) return 0
  return Math.max(0, Math.min(SILENCE_MS, Math.ceil((silence.value.until - now()) / 1_000)))
}

/** Asked anew: the compiler believes what was true before an `await`. */
function stateOf({ state }: SoundOutput): OutputState {
  return state
}
