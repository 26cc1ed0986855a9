import type { DeviceId } from './ids.ts'

/** What a browser is called, which nobody names: a piece of its id tells two of them apart in "by kim on …". */
export function browserName(device: DeviceId): string {
  return `Browser ${device.slice(0, PIECE)}`
}

/** The piece of an id in the name of a browser, so that it can be said in another language; null of any other name. */
export function pieceOfBrowser(name: string): string | null {
  return BROWSER.exec(name)?.[1] ?? null
}

const PIECE = 4
const BROWSER = /^Browser ([\w-]{4})$/
