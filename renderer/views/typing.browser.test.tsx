import { describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { CHAT, logChannel, posted, view } from '../../relay/domain/testing/samples.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'
import { setStage } from '../testing/stage.ts'

const stage = setStage()
const { find } = stage

type Field = HTMLInputElement | HTMLTextAreaElement

function fieldOf(selector: string): Field {
  const found = find(selector)
  if (found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement) return found
  throw new Error(`${selector} is no field`)
}

/** What was typed is drawn by the end of the task. */
const drawn = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve))

/** What the field holds after these words were composed in it, as a browser says so. */
function write(field: Field, words: string): void {
  field.value = words
  field.dispatchEvent(new InputEvent('input', { bubbles: true, data: words }))
}

const press = (field: Field, init: KeyboardEventInit): boolean =>
  field.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, key: 'Enter', ...init }))
const compose = (field: Field, kind: 'start' | 'end'): boolean =>
  field.dispatchEvent(new CompositionEvent(`composition${kind}`, { bubbles: true, data: '요' }))
/** A line break of the platform: as in a browser, it is in the field only where nobody prevents it. */
function breakLine(field: Field): void {
  const init = { bubbles: true, cancelable: true, inputType: 'insertLineBreak' }
  if (field.dispatchEvent(new InputEvent('beforeinput', init))) write(field, `${field.value}\n`)
}
const posts = (relay: FakeRelay): readonly unknown[] =>
  relay.heard.flatMap((message) => (message.t === 'command' && message.type === 'chat.post' ? [message.data] : []))

describe('Enter on the last syllable of a message', () => {
  const WHOLE = { line: 'line-3', text: '안녕하세요' }

  test.each<[string, (field: Field) => void, readonly unknown[]]>([
    [
      'Chrome on macOS',
      (field) => {
        press(field, { keyCode: 229, isComposing: true })
        write(field, WHOLE.text)
        compose(field, 'end')
        breakLine(field)
      },
      [],
    ],
    [
      'Safari',
      (field) => {
        write(field, WHOLE.text)
        compose(field, 'end')
        press(field, { keyCode: 229 })
      },
      [],
    ],
    [
      'Chrome on Windows',
      (field) => {
        press(field, { key: 'Process', keyCode: 229, isComposing: true })
        write(field, WHOLE.text)
        compose(field, 'end')
        press(field, { keyCode: 13 })
      },
      [WHOLE],
    ],
    [
      'Android',
      (field) => {
        press(field, { key: 'Unidentified', keyCode: 229, isComposing: true })
        write(field, WHOLE.text)
        compose(field, 'end')
        breakLine(field)
      },
      [],
    ],
  ])(
    '%s: no line break, no half of a word, and the whole at the next Enter at the latest',
    async (_name, act, sent) => {
      const { relay } = await stage.show('chat')
      const field = fieldOf('.composer-input')
      compose(field, 'start')
      write(field, '안녕하세')
      act(field)
      await expect.poll(() => posts(relay)).toEqual(sent)
      if (sent.length > 0) return
      expect(field.value).toBe(WHOLE.text)
      field.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true, key: 'Enter' }))
      press(field, { keyCode: 13 })
      await expect.poll(() => posts(relay)).toEqual([WHOLE])
      await expect.poll(() => field.value).toBe('')
    },
  )
})

describe('a name that is typed on a Hangul keyboard', () => {
  const SIGN_IN = '.sign-in input[name="operator"]'
  const signIns = (relay: FakeRelay): readonly unknown[] =>
    relay.heard.flatMap((message) => (message.t === 'sign-in' ? [message.operator] : []))

  test('is read as the keys it stands on, and the screen says so', async () => {
    const { app, relay } = await stage.show('signed-out')
    app.deviceLanguage.value = 'ko'
    await expect.element(page.getByRole('button', { name: '로그인', exact: true })).toBeVisible()
    write(fieldOf(SIGN_IN), 'ㅏㅑㅡ')
    await expect.element(page.getByText('한글로 입력됨. 읽는 이름: kim')).toBeVisible()
    write(fieldOf('.sign-in input[name="pin"]'), '1111')
    await drawn()
    find('.sign-in-submit').click()
    await expect.poll(() => signIns(relay)).toEqual(['kim'])
  })

  test('and one that is no name is explained in the language of the screen, before anybody is asked', async () => {
    const { app, relay } = await stage.show('signed-out')
    app.deviceLanguage.value = 'ko'
    await expect.element(page.getByRole('button', { name: '로그인', exact: true })).toBeVisible()
    write(fieldOf(SIGN_IN), '山田')
    write(fieldOf('.sign-in input[name="pin"]'), '1111')
    await drawn()
    find('.sign-in-submit').click()
    await expect.element(page.getByText('이름은 영문 소문자, 숫자, 붙임표(-)로 되어 있습니다.')).toBeVisible()
    expect(signIns(relay)).toEqual([])
  })
})

test('the Enter that ends a syllable in a field of a sheet submits nothing', async () => {
  const { app } = await stage.show('alerts')
  app.sheet.value = { kind: 'raise', draft: { priority: null, area: 'line-3', title: '', body: '' } }
  await expect.element(page.getByRole('dialog')).toBeVisible()
  const title = fieldOf('dialog input[name="title"]')
  compose(title, 'start')
  expect(press(title, { keyCode: 229, isComposing: true })).toBe(false)
  compose(title, 'end')
  expect(press(title, { keyCode: 229 })).toBe(false)
  title.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true, key: 'Enter' }))
  expect(press(title, { keyCode: 13 })).toBe(true)
})

describe('the Escape that gives a syllable up', () => {
  const ESCAPES: readonly (readonly [string, KeyboardEventInit])[] = [
    ['macOS', { key: 'Escape', code: 'Escape', keyCode: 229, isComposing: true }],
    ['Windows', { key: 'Process', code: 'Escape', keyCode: 229, isComposing: true }],
  ]
  const OWN = { key: 'Escape', code: 'Escape', keyCode: 27 }
  const released = (field: Field) => field.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true, ...OWN }))

  test.each(ESCAPES)('throws no search away, and the next one does (%s)', async (_name, init) => {
    await stage.open({
      hash: '#/line-3/chat',
      view: view(0, {
        channels: [
          logChannel(
            CHAT,
            Array.from({ length: 30 }, (_, n) => posted(n + 1, `유압 ${n}`)),
          ),
        ],
      }),
    })
    await expect.poll(() => stage.root.querySelector('.filter .input')).not.toBeNull()
    const field = fieldOf('.filter .input')
    field.focus()
    compose(field, 'start')
    write(field, '유압 2')
    await expect.poll(() => stage.all('.chat-message').length).toBeLessThan(30)
    const found = stage.all('.chat-message').length
    expect(press(field, init)).toBe(false)
    compose(field, 'end')
    press(field, OWN)
    released(field)
    await drawn()
    expect(field.value).toBe('유압 2')
    expect(stage.all('.chat-message')).toHaveLength(found)
    press(field, OWN)
    await expect.poll(() => stage.all('.chat-message').length).toBe(30)
    expect(field.value).toBe('')
  })

  test.each(ESCAPES)('closes no sheet, whatever field it is in (%s)', async (_name, init) => {
    const { app } = await stage.show('alerts')
    app.sheet.value = { kind: 'raise', draft: { priority: null, area: 'line-3', title: '', body: '' } }
    await expect.element(page.getByRole('dialog')).toBeVisible()
    for (const field of [fieldOf('dialog input[name="title"]'), fieldOf('dialog textarea')]) {
      compose(field, 'start')
      expect(press(field, init)).toBe(false)
      compose(field, 'end')
      released(field)
      // A person's own is the dialog's.
      expect(press(field, OWN)).toBe(true)
      released(field)
    }
  })
})
