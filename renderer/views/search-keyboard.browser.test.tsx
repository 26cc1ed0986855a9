import { beforeEach, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { touch } from '../testing/finger.ts'
import { isInside, painted, setStage } from '../testing/stage.ts'
import { openScreenKeyboard } from './screen-keyboard.tsx'

const stage = setStage()

/** The keyboard takes no key at first: a finger that has just come down may come down again. Milliseconds. */
const GUARD_MS = 600

beforeEach(() => {
  const release = openScreenKeyboard({ isWanted: () => true })
  return release
})

test.each([
  [1920, 1080],
  [1280, 800],
])('whoever searches with the keys of a kiosk has words and results in sight, at %i × %i', async (width, height) => {
  await page.viewport(width, height)
  const asked: string[] = []
  const { app } = await stage.show('orders', {
    finds({ q }) {
      asked.push(q)
      const text = { text: `${q} was changed`, marks: [] }
      const hit = { kind: 'chat', area: 'line-3', id: 'm1', at: '2026-11-20T06:00:00.000Z', by: 'lee' } as const
      return { hits: [{ ...hit, title: null, text }], next: null, isWhole: true }
    },
  })
  app.sheet.value = { kind: 'search' }
  const field = page.getByRole('dialog').getByRole('searchbox')
  await touch(field)
  const keyboard = page.getByTestId('keyboard')
  await expect.element(keyboard).toBeVisible()
  await new Promise((resolve) => setTimeout(resolve, GUARD_MS))
  for (const name of ['d', 'i', 'e', 'Space', '한글', 'ㄱ', 'ㅡ', 'ㅁ']) {
    await touch(keyboard.getByRole('button', { name, exact: true }))
    await painted()
  }
  await expect.element(field).toHaveValue('die 금')
  await expect.poll(() => asked.at(-1)).toBe('die 금')
  await expect.poll(() => stage.all('[data-testid="search-hit"]').length).toBe(1)
  const [hit] = stage.all('[data-testid="search-hit"]')
  const keys = keyboard.element().getBoundingClientRect()
  expect(isInside(field.element())).toBe(true)
  expect(field.element().getBoundingClientRect().bottom).toBeLessThanOrEqual(keys.top)
  expect(hit?.getBoundingClientRect().top).toBeLessThan(keys.top)
})
