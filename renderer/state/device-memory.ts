import { LANGUAGES } from '../../relay/protocol/record-words.ts'
import type { Language } from '../../relay/protocol/records.ts'
import type { ChosenValues } from './chosen-values.ts'

/** What this device remembers for convenience. Losing it harms nothing; a browser that refuses storage is not an error. */
export interface DeviceMemory {
  area(): string | null
  rememberArea(area: string): void
  /** Names that signed in here, the latest first. */
  operators(): readonly string[]
  rememberOperator(name: string): void
  /** Of the screens while nobody is signed in, and of people who never chose one. */
  language(): Language
  rememberLanguage(language: Language): void
  /** Whether a wall board of this device is dim at night where nothing is wrong; it is until somebody chose otherwise. */
  dimsAtNight(): boolean
  rememberDimming(isDim: boolean): void
  /** Which values stand for lines here. */
  values(): ChosenValues
  rememberValues(values: ChosenValues): void
  /** Which letters of the product this browser has kept; null while it has none. */
  letters(): string | null
  /** Whether the keyboard comes to the screen of this kiosk; it does until somebody chose otherwise. */
  keyboard(): boolean
  rememberKeyboard(isShown: boolean): void
  rememberLetters(files: string): void
}

const AREA = 'andon.area'
const OPERATORS = 'andon.operators'
const LANGUAGE = 'andon.language'
const DIMMING = 'andon.dimming'
const KEYBOARD = 'andon.keyboard'
const LETTERS = 'andon.letters'
const VALUES = 'andon.values'
/** As many names as fit beside the PIN pad under a thumb. */
export const MAX_OPERATORS = 6

/** `preferred`: languages of the browser, the dearest first (BCP 47), for a device on which nobody has chosen. */
export function deviceMemory(
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  preferred: readonly string[] = [],
): DeviceMemory {
  const operators = (): readonly string[] => {
    const names = (read(storage, OPERATORS) ?? '').split(' ')
    return names.filter((name) => /^[a-z0-9-]{1,64}$/.test(name)).slice(0, MAX_OPERATORS)
  }
  return {
    area: () => read(storage, AREA),
    rememberArea: (area) => write(storage, AREA, area),
    operators,
    rememberOperator(name) {
      const names = [name, ...operators().filter((other) => other !== name)].slice(0, MAX_OPERATORS)
      write(storage, OPERATORS, names.join(' '))
    },
    language() {
      const chosen = read(storage, LANGUAGE)
      const wanted = [chosen, ...preferred].map((name) => LANGUAGES.find((each) => each === name?.split('-')[0]))
      return wanted.find((language) => language !== undefined) ?? 'en'
    },
    rememberLanguage: (language) => write(storage, LANGUAGE, language),
    dimsAtNight: () => read(storage, DIMMING) !== 'never',
    rememberDimming: (isDim) => write(storage, DIMMING, isDim ? 'at-night' : 'never'),
    keyboard: () => read(storage, KEYBOARD) !== 'off',
    rememberKeyboard: (isShown) => write(storage, KEYBOARD, isShown ? 'on' : 'off'),
    values() {
      const lines = (read(storage, VALUES) ?? '').split('\n').map((line) => line.split(' '))
      return new Map(lines.flatMap(([area = '', ...keys]) => (keys.length === 0 ? [] : [[area, keys]])))
    },
    rememberValues: (values) => write(storage, VALUES, [...values].map((line) => line.flat().join(' ')).join('\n')),
    letters: () => read(storage, LETTERS),
    rememberLetters: (files) => write(storage, LETTERS, files),
  }
}

function read(storage: Pick<Storage, 'getItem'>, key: string): string | null {
  try {
    return storage.getItem(key)
  } catch {
    // Storage is blocked here: nothing is remembered, and everything works without.
    return null
  }
}

function write(storage: Pick<Storage, 'setItem'>, key: string, value: string): void {
  try {
    storage.setItem(key, value)
  } catch {
    // Blocked or full: the convenience is lost, nothing else.
  }
}
