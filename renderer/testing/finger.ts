import { expect } from 'vitest'
import { userEvent, type Locator } from 'vitest/browser'
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
