import { afterEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { openScreenKeyboard } from './screen-keyboard.tsx'
// oxlint-disable-next-line no-unassigned-import -- a keyboard without its look is none
import '../styles/styles.css'

let release: () => void = () => undefined

afterEach(() => {
  release()
  document.body.replaceChildren()
})

/** A page with a field, a form in a sheet, and a keyboard. */
function begin({ isWanted = true } = {}) {
  const sent: string[] = []
  document.body.innerHTML = `
    <textarea aria-label="Message"></textarea>
    <dialog><form><input aria-label="Title" /></form></dialog>`
  const form = document.querySelector('form')
  form?.addEventListener('submit', (event) => {
    event.preventDefault()
    sent.push(document.querySelector('input')?.value ?? '')
  })
  release = openScreenKeyboard({ isWanted: () => isWanted })
  return sent
}

/** As a finger does it. */
async function touch(element: HTMLElement): Promise<void> {
  element.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, pointerType: 'touch' }))
  element.dispatchEvent(new PointerEvent('pointerup', { bubbles: true, pointerType: 'touch' }))
  element.focus()
  element.click()
  await drawn()
}

async function drawn(): Promise<void> {
  for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve))
}

/** Each key by its name, as a finger comes down on it and leaves, once the keyboard takes presses. */
async function type(...names: readonly string[]): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 600))
  for (const name of names) {
    const key = page.getByTestId('keyboard').getByRole('button', { name, exact: true }).element()
    key.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, cancelable: true, pointerType: 'touch' }))
    key.dispatchEvent(new PointerEvent('pointerup', { bubbles: true, pointerType: 'touch' }))
    if (key instanceof HTMLElement) key.click()
    await drawn()
  }
}

const field = (name: string) => page.getByLabelText(name).element() as HTMLTextAreaElement
const keyboard = () => document.querySelector('.keyboard')

test('comes when a finger touches a field, writes Latin, Hangul and signs, and moves the page up', async () => {
  begin()
  expect(keyboard()).toBeNull()
  await touch(field('Message'))
  await expect.poll(() => document.documentElement.style.getPropertyValue('--keyboard')).toMatch(/^[1-9]\d+px$/)
  await type('Shift', 'P', '2', 'Space', '한글', 'ㅅ', 'ㅓ', 'ㄹ', 'ㅂ', 'ㅣ', 'Erase', 'Signs', '°')
  expect(field('Message').value).toBe('P2 설ㅂ°')
  // Back from the signs is to the letters that were there, and every key says where it leads.
  await type('한글', 'ㅏ', 'Signs', 'ABC', 'a')
  expect(field('Message').value).toBe('P2 설ㅂ°ㅏa')
  await type('Close keyboard')
  await drawn()
  expect([keyboard(), document.documentElement.style.getPropertyValue('--keyboard')]).toEqual([null, '0px'])
})

test('stands in the sheet that is open, and Enter sends its form', async () => {
  const sent = begin()
  document.querySelector('dialog')?.showModal()
  await touch(field('Title'))
  expect(keyboard()?.closest('dialog')).not.toBeNull()
  await type('j', 'a', 'm', 'Enter')
  expect(sent).toEqual(['jam'])
})

test('goes when a real key is pressed or the field is left, and never comes for a mouse or where nobody wants it', async () => {
  begin()
  await touch(field('Message'))
  expect(keyboard()).not.toBeNull()
  await userEvent.keyboard('7')
  await drawn()
  expect([keyboard(), field('Message').value]).toEqual([null, '7'])
  await touch(field('Message'))
  field('Message').blur()
  await drawn()
  expect(keyboard()).toBeNull()
  await page.getByLabelText('Message').click()
  expect(keyboard()).toBeNull()
  release()
  begin({ isWanted: false })
  await touch(field('Message'))
  expect(keyboard()).toBeNull()
})

test('does not come because the focus went from something to a field', async () => {
  begin()
  const link = document.body.appendChild(document.createElement('button'))
  link.focus()
  await page.getByLabelText('Message').click()
  await drawn()
  expect([document.activeElement, keyboard()]).toEqual([field('Message'), null])
})

test('stays under a press until it is over, so that it reaches what stands above the keyboard', async () => {
  begin()
  let pressed = 0
  const send = document.body.appendChild(document.createElement('button'))
  send.textContent = 'Send'
  send.style.cssText = 'position: fixed; right: 0; bottom: var(--keyboard, 0px); height: 40px'
  send.addEventListener('click', () => (pressed += 1))
  await touch(field('Message'))
  await expect.poll(() => send.getBoundingClientRect().bottom).toBeLessThan(innerHeight - 100)
  await page.getByRole('button', { name: 'Send' }).click()
  await expect.poll(keyboard).toBeNull()
  expect(pressed).toBe(1)
})

test('takes nothing for a moment after it came: the finger that touched the field is still there', async () => {
  begin()
  await touch(field('Message'))
  const key = keyboard()?.querySelector('.key')
  key?.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, cancelable: true }))
  expect(field('Message').value).toBe('')
})
