/** Half a flash of a P0, milliseconds: once a second (WCAG 2.3.1 allows three flashes). What is less takes twice as long. */
export const HALF_FLASH_MS = 500
/** `0`, `1`, `2`, `3`: which half flash of the slowest mark it is. */
const HALVES = ['', 'fast', 'slow', 'fast slow'] as const

/** What tells the half of a flash: milliseconds that all windows of a machine count alike, and a call that comes later. */
export interface FlashClock {
  now(): number
  /** Calls once after `ms`; the returned function cancels. */
  after(ms: number, call: () => void): () => void
}

/** Which marks are dim at this moment, as `data-dim` names them (`styles/marks.css`). */
export function dimAt(now: number): string {
  return HALVES[Math.floor(now / HALF_FLASH_MS) % HALVES.length] ?? ''
}

/**
 * Marks flash together, whenever each of them came to the screen: out of phase they are restless and say nothing. The
 * beginning is taken from the machine's clock, so that the windows of a kiosk flash together, too.
 *
 * The page changes twice a second for it. An animation that jumps between two colours changes nothing more often, but a
 * browser draws sixty frames a second for as long as one stands: that kept a weak terminal busy for a seventh of its time
 * while nothing happened, and everything else in a flood waited behind it [F7]. Returns the release.
 */
export function flashInOnePhase(page: HTMLElement, clock: FlashClock = machineClock): () => void {
  let cancel = (): void => undefined
  const flash = (): void => {
    const now = clock.now()
    page.dataset['dim'] = dimAt(now)
    cancel = clock.after(HALF_FLASH_MS - (now % HALF_FLASH_MS), flash)
  }
  flash()
  return () => {
    cancel()
    delete page.dataset['dim']
  }
}

/** Like `Date.now`, and never set back while the page stands. */
const machineClock: FlashClock = {
  now: () => performance.timeOrigin + performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
