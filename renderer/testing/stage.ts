import { afterEach, beforeEach } from 'vitest'
// oxlint-disable-next-line no-unassigned-import -- styles are for their effect: where a thing stands, and what can be pressed
import '../styles/styles.css'
import { speak } from '../text/text.ts'
import { mount, type Mounted, type MountedWindow } from './mount.tsx'
import { SCENES, type Scene } from './scenes.ts'

/** 20 mm of 1920 × 1080 on 24 inches, whose 1920 pixels are 531 mm: what a gloved finger needs. */
export const GLOVE_PX = (20 * 1920) / 531
/** 12 mm of a phone, whose panels are as low as their buttons. */
const LOW_PX = 12 * 3.78

/** Screens on which several P0 at once must be read: of a kiosk, of a small one, of a phone and of one that lies. */
export const ALARM_SCREENS = [
  [1920, 1080],
  [1280, 800],
  [390, 844],
  [844, 390],
] as const

/** The least height of what is pressed on a screen of this size, pixels. */
export function leastPressed(width: number, height: number): number {
  return Math.min(width, height) < 600 ? LOW_PX : GLOVE_PX
}
/** What a bare thumb needs, pixels (WCAG 2.5.5). */
export const THUMB_PX = 44

/** Where a browser test draws one window at a time, in the styles of the product. */
export interface Stage {
  /** Of this test; another element in each. */
  readonly root: HTMLElement
  /** Draws this window, in the place of the one before. */
  open(scene: Mounted): Promise<MountedWindow>
  /** The same of a scene by its name, with what a test has to say about it. */
  show(name: string, over?: Partial<Mounted>): Promise<MountedWindow>
  /** Takes the window away. */
  clear(): void
  readonly find: (selector: string) => HTMLElement
  readonly all: (selector: string) => readonly HTMLElement[]
}

/** Called once at the top of a test file. `scenes`: what can be shown besides `SCENES`. */
export function setStage(scenes: Readonly<Record<string, Scene>> = {}): Stage {
  const known = { ...SCENES, ...scenes }
  let root: HTMLElement | null = null
  let release = (): void => undefined
  const rootNow = (): HTMLElement => {
    if (root === null) throw new Error('there is no root outside of a test')
    return root
  }
  const clear = (): void => {
    release()
    release = () => undefined
  }
  beforeEach(() => {
    root = document.body.appendChild(document.createElement('div'))
    root.id = 'root'
  })
  afterEach(async () => {
    clear()
    root?.remove()
    root = null
    await speak('en')
  })
  const open = async (scene: Mounted): Promise<MountedWindow> => {
    clear()
    const mounted = await mount(rootNow(), scene)
    release = mounted.release
    return mounted
  }
  return {
    get root() {
      return rootNow()
    },
    open,
    show(name, over = {}) {
      const scene = known[name]
      if (scene === undefined) throw new Error(`no scene ${name}`)
      return open({ ...scene, ...over })
    },
    clear,
    find(selector) {
      const found = rootNow().querySelector<HTMLElement>(selector)
      if (found === null) throw new Error(`no ${selector}`)
      return found
    },
    all: (selector) => [...rootNow().querySelectorAll<HTMLElement>(selector)],
  }
}

/** What was told is drawn, and what follows from its layout. */
export function painted(): Promise<unknown> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
}

/** Whether all of it is on the screen. */
export function isInside(element: Element): boolean {
  const { top, left, right, bottom, height } = element.getBoundingClientRect()
  return height > 0 && top >= 0 && left >= 0 && right <= innerWidth && bottom <= innerHeight
}
