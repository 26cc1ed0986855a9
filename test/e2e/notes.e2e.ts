import { expect, type Locator } from '@playwright/test'
import type { Tab } from './device.ts'
import { test, type Floor } from './floor.ts'

const textOf = (tab: Tab): Locator => tab.page.getByRole('textbox', { name: /^Text of/ })

/** What a person reads there, a line for each block, without the names of those who write. */
async function read(tab: Tab): Promise<readonly string[]> {
  return tab.page.locator('.note-words').evaluateAll((blocks) =>
    blocks.map((block) => {
      const copy = block.cloneNode(true) as HTMLElement
      for (const caret of copy.querySelectorAll('.note-caret')) caret.remove()
      return copy.textContent ?? ''
    }),
  )
}

async function kimAndLee(floor: Floor): Promise<readonly [Tab, Tab]> {
  const [kim, lee] = [await floor.tab('/#/line-3/notes'), await floor.tab('/#/line-3/notes')]
  await kim.signIn('kim', '1111')
  await lee.signIn('lee', '2222')
  await kim.press(kim.page.getByRole('button', { name: /^Open the note of today/ }))
  await expect(textOf(kim)).toBeVisible()
  await lee.press(lee.page.locator('.note-open'))
  await expect(textOf(lee)).toBeVisible()
  return [kim, lee]
}

const saved = (tab: Tab): Locator => tab.page.getByTestId('note-saved')

test('[J2] two write at once, one of them a syllable after the other, and without the server; both have the same in the end', async ({
  floor,
}) => {
  const [kim, lee] = await kimAndLee(floor)
  await textOf(kim).click()
  await kim.page.keyboard.type('Oil was low at press 2.')
  await expect.poll(() => read(lee)).toEqual(['Oil was low at press 2.'])
  // Lee composes in the same block while Kim goes on.
  await textOf(lee).click()
  await lee.page.keyboard.press('End')
  await lee.page.keyboard.press('Enter')
  const session = await lee.page.context().newCDPSession(lee.page)
  for (const syllable of ['ㄱ', '그', '금']) {
    await session.send('Input.imeSetComposition', { text: syllable, selectionStart: 1, selectionEnd: 1 })
    await kim.page.keyboard.type('!')
    await expect.poll(() => read(kim)).toContainEqual(expect.stringContaining('!'))
  }
  await session.send('Input.insertText', { text: '금' })
  await lee.page.keyboard.type('형 확인')
  const both = ['Oil was low at press 2.!!!', '금형 확인']
  await expect.poll(() => read(lee)).toEqual(both)
  await expect.poll(() => read(kim)).toEqual(both)
  // Where Kim writes stays where it was.
  await kim.page.keyboard.type(' Filled up.')
  await expect.poll(async () => (await read(lee))[0]).toBe('Oil was low at press 2.!!! Filled up.')

  await floor.stop()
  await kim.page.keyboard.press('Enter')
  await kim.page.keyboard.type('Tool 4 changed')
  await lee.page.keyboard.press('Enter')
  await lee.page.keyboard.type('Seal to be checked')
  await expect(saved(kim)).toContainText('for the server')
  await expect(saved(lee)).toContainText('for the server')
  // What was saved here is there after the page was closed, too.
  await kim.page.reload()
  await expect(textOf(kim)).toContainText('Tool 4 changed')
  await floor.start()
  // When a device tries again is its own to choose, up to half a minute after the last time, and on a busy machine a greeting may
  // come too late once or twice: what is waited for below is the note, and not the link.
  for (const tab of [kim, lee]) await expect(tab.connection).toContainText('Live', { timeout: 120_000 })
  await expect(saved(kim)).toHaveText('Everybody has this')
  await expect(saved(lee)).toHaveText('Everybody has this')
  const all = ['Oil was low at press 2.!!! Filled up.', 'Tool 4 changed', '금형 확인', 'Seal to be checked']
  await expect.poll(() => read(kim)).toEqual(all)
  await expect.poll(() => read(lee)).toEqual(all)
})

test('[J9] one hands over, another takes over; then the text stays, and addenda follow', async ({ floor }) => {
  const [kim, lee] = await kimAndLee(floor)
  await expect(kim.page.getByRole('button', { name: 'Hand over' })).toBeDisabled()
  await textOf(kim).click()
  await kim.page.keyboard.type('# Press 2')
  await kim.page.keyboard.press('Enter')
  await kim.page.keyboard.type('[] call maintenance')
  await kim.press(kim.page.getByRole('checkbox'))
  await kim.press(kim.page.getByRole('button', { name: 'Hand over' }))
  await expect(kim.page.getByText('Handed over by kim')).toBeVisible()
  await expect(kim.page.getByRole('button', { name: 'Take over' })).toHaveCount(0)
  // What is written before the other's words are here stands in a block of its own.
  await expect.poll(() => read(lee)).toEqual(['Press 2', 'call maintenance'])
  await expect(lee.page.getByRole('checkbox')).toBeChecked()
  // Changed behind the signature it is another text.
  await textOf(lee).click()
  await lee.page.keyboard.press('Control+End')
  await lee.page.keyboard.type(' at')
  await lee.page.getByText('call maintenance').click()
  await lee.page.keyboard.press('End')
  await lee.page.keyboard.type(' eight')
  await expect(lee.page.getByText('Changed since kim handed it over')).toBeVisible()
  // All of it: what comes behind the next signature would change the text once more.
  await expect.poll(() => read(kim)).toEqual(['Press 2', 'call maintenance at eight'])
  await expect(lee.page.getByRole('button', { name: 'Take over' })).toHaveCount(0)
  await kim.press(kim.page.getByRole('button', { name: 'Hand over again' }))
  await lee.press(lee.page.getByRole('button', { name: 'Take over' }))
  await expect(kim.page.getByText('Taken over by lee')).toBeVisible()
  await expect(textOf(kim)).toHaveAttribute('aria-readonly', 'true')
  await expect(kim.page.getByText(/SHA-256.*: [0-9a-f]{64}$/)).toBeVisible()
  await kim.page.getByLabel('Addendum').fill('It was the seal.')
  await kim.press(kim.page.getByRole('button', { name: 'Add', exact: true }))
  await expect(lee.page.getByText('It was the seal.')).toBeVisible()
  expect(await read(lee)).toEqual(['Press 2', 'call maintenance at eight'])
  await lee.press(lee.page.getByRole('button', { name: 'Go on in a continuation note' }))
  await expect(lee.page.getByRole('heading', { name: /continued 2$/ })).toBeVisible()
})
