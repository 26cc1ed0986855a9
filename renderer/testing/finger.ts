import { expect } from 'vitest'
import { cdp, userEvent, type Locator } from 'vitest/browser'
import { painted } from './stage.ts'

interface Spot {
  readonly x: number
  readonly y: number
}

/** The middle of what is to be pressed. */
export function centre(element: Element | null): Spot {
  if (element === null) throw new Error('nothing there')
  const { x, y, width, height } = element.getBoundingClientRect()
  return { x: Math.round(x + width / 2), y: Math.round(y + height / 2) }
}

/** A finger on the glass: on whatever is there. */
export async function tap(position: Spot): Promise<void> {
  await userEvent.click(document.documentElement, { position })
  await painted()
}

/** Presses as a person does: again, when the page says that this had just moved and nothing was pressed. */
export async function press(target: Locator): Promise<void> {
  const refusal = (): Element | null => document.querySelector('.press-notice:popover-open')
  for (;;) {
    await target.click()
    await painted()
    if (refusal() === null) return
    await expect.poll(refusal).toBeNull()
  }
}

/** A finger that comes and goes, as the system tells of it: the browser makes the press of it, or does not. */
export async function touch(target: Locator): Promise<void> {
  await expect.element(target).toBeVisible()
  target.element().scrollIntoView({ block: 'center' })
  await painted()
  const frame = window.frameElement
  if (frame === null) throw new Error('the page stands in no frame')
  const { left, top, width } = frame.getBoundingClientRect()
  const scale = width / innerWidth
  const { x, y } = centre(target.element())
  const point = { x: left + x * scale, y: top + y * scale }
  const session = cdp()
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] })
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await painted()
}
