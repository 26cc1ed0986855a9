import { signal } from '@preact/signals'
import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { alert, CHAT, EPOCH, logChannel, posted, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { CALM } from '../state/attention.ts'
import { NO_SOUND } from '../state/sound.ts'
import { TAIL_STEP } from '../state/tail.ts'
import { LONG_SCENES, prose } from '../testing/long-scenes.ts'
import { SCENES } from '../testing/scenes.ts'
import { isInside, setStage } from '../testing/stage.ts'
import { en } from '../text/en.ts'
import { ko } from '../text/ko.ts'
import { setWords } from '../text/text.ts'

const stage = setStage(LONG_SCENES)
const log = (): HTMLElement => stage.find('.chat-log')
const fromEnd = (): number => log().scrollHeight - log().scrollTop - log().clientHeight

test.each([
  [1280, 800],
  [390, 844],
  [844, 390],
  [740, 360],
])('the newest of the talk stays in sight when a bar comes, at %i × %i', async (width, height) => {
  await page.viewport(width, height)
  await stage.show('chat')
  await expect.poll(() => stage.all('.chat-message').length).toBeGreaterThan(1)
  // Any bar that comes takes its room from the log.
  const before = log().clientHeight
  const bar = document.createElement('div')
  bar.style.cssText = `flex: none; height: ${height / 5}px`
  log().parentElement?.prepend(bar)
  await expect.poll(() => log().clientHeight).toBeLessThan(before)
  await expect.poll(fromEnd).toBeLessThan(2)
  expect(log().scrollHeight).toBeGreaterThan(log().clientHeight)
})

/** Every line there can be over the view at once, and a talk that is long enough to be searched. */
async function crowded(language: 'en' | 'ko'): Promise<void> {
  const sound = { ...NO_SOUND, state: signal('blocked' as const) }
  const talk = Array.from({ length: 40 }, (_, n) => posted(n + 1, `Message ${n + 1}`))
  const p0 = alert(50, { priority: 'P0', title: prose(LIMITS.maxTitle) })
  const p1 = [51, 52].map((n) => alert(n, { priority: 'P1', title: prose(LIMITS.maxTitle) }))
  const channels = [stateChannel(URGENT_CHANNEL, 1, [p0, ...p1]), logChannel(CHAT, talk)]
  const { status } = SCENES['orders-offline-disk-full']?.view ?? view(0)
  const { app } = await stage.open({
    hash: '#/line-3/chat',
    view: view(0, { channels, status }),
    attention: { ...CALM, sound },
  })
  app.deviceLanguage.value = language
  setWords(language === 'ko' ? ko : en)
  app.aside.value = new Set([p0.id])
  app.notice.value = prose(200)
  app.update.value = { kind: 'ready', restart: () => Promise.resolve(null) }
  await expect.poll(() => stage.all('.bar').length).toBe(5)
  await expect.poll(() => stage.all('.banner').length).toBe(2)
  await expect.poll(() => stage.root.querySelector('.filter')).not.toBeNull()
}

describe.each([
  [844, 390],
  [740, 360],
  [667, 375],
  [640, 360],
])('on a phone on its side, %i × %i', (width, height) => {
  beforeEach(() => page.viewport(width, height))

  /** Two messages at least are in sight, the newest is one of them, and so is where one writes. */
  async function expectTalk(): Promise<void> {
    await expect.poll(fromEnd).toBeLessThan(2)
    const box = log().getBoundingClientRect()
    const seen = stage.all('.chat-message').filter((message) => {
      const { top, bottom } = message.getBoundingClientRect()
      return top >= box.top - 1 && bottom <= box.bottom + 1
    })
    expect(seen.length).toBeGreaterThanOrEqual(2)
    expect(seen.at(-1)).toBe(stage.all('.chat-message').at(-1))
    expect(stage.all('.composer-input, .composer .button').map(isInside)).toEqual([true, true, true])
  }

  test.each(['chat', 'chat-offline', 'chat-disk-full'] as const)(
    'the newest messages and the field are in sight (%s)',
    async (name) => {
      await stage.show(name)
      await expect.poll(() => stage.all('.chat-message').length).toBeGreaterThan(2)
      await expectTalk()
    },
  )

  test.each(['long-p1', 'long-p1-short'] as const)(
    'a P1 with a long title has one line and its button (%s)',
    async (name) => {
      await stage.show(name)
      await expect.poll(() => stage.all('.chat-message').length).toBeGreaterThan(2)
      expect(stage.find('.banner').clientHeight).toBeLessThan(height / 6)
      const title = stage.find('.banner-title')
      expect(title.clientHeight).toBeLessThan(1.5 * Number.parseFloat(getComputedStyle(title).fontSize))
      expect(title.clientWidth).toBeGreaterThan(width / 3)
      expect(stage.all('.banner .button').map(isInside)).toEqual([true, true])
      expect(log().clientHeight).toBeGreaterThan(height / 3)
      expect(stage.all('.composer-input, .composer .button').map(isInside)).toEqual([true, true, true])
    },
  )

  test.each(['en', 'ko'] as const)(
    'every line at once leaves room for the talk, both banners are seen, the rest is below them (%s)',
    async (language) => {
      await crowded(language)
      await expectTalk()
      expect(stage.all('.banner').map(isInside)).toEqual([true, true])
      expect(stage.find('.bars').getBoundingClientRect().bottom).toBeLessThanOrEqual(log().getBoundingClientRect().top)
      expect(stage.find('.bars').scrollHeight).toBeGreaterThan(stage.find('.bars').clientHeight)
      expect(isInside(stage.find('.filter .input'))).toBe(true)
    },
  )
})

test('[F5] of a long talk the end is drawn; older messages come above without moving what is read, also while others write', async () => {
  await page.viewport(1280, 800)
  const talk = Array.from({ length: 900 }, (_, n) => posted(n + 1, `Message ${n + 1}`))
  const { relay } = await stage.open({
    hash: '#/line-3/chat',
    view: view(0, { channels: [logChannel(CHAT, talk)] }),
  })
  const messages = (): readonly HTMLElement[] => [...stage.all('.chat-message')]
  const textOf = (message: HTMLElement | undefined) => message?.querySelector('.chat-text')?.textContent
  const topOf = (message: HTMLElement) => message.getBoundingClientRect().top
  await expect.poll(() => textOf(messages().at(-1))).toBe('Message 900')
  await expect.poll(fromEnd).toBeLessThan(2)
  expect(messages().length).toBe(TAIL_STEP)
  // Once up, and then by hand to the top of what is drawn.
  log().scrollTop -= 400
  await expect.poll(() => log().ariaLive).toBe('off')
  const read = messages()[3]
  if (read === undefined) throw new Error('nothing is drawn')
  log().scrollTop = 100
  await expect.poll(() => messages().length).toBe(2 * TAIL_STEP)
  const top = topOf(read)
  expect(top).toBeGreaterThanOrEqual(log().getBoundingClientRect().top - read.clientHeight)
  expect(top).toBeLessThan(log().getBoundingClientRect().bottom)
  const said = posted(901, 'Message 901')
  relay.tell({ t: 'event', channel: CHAT, epoch: EPOCH, event: said })
  await expect.poll(() => textOf(messages().at(-1))).toBe('Message 901')
  expect(Math.abs(topOf(read) - top)).toBeLessThan(1)
  // Back at the newest, what is old is let go.
  log().scrollTop = log().scrollHeight
  await expect.poll(() => messages().length).toBe(TAIL_STEP)
  await expect.poll(fromEnd).toBeLessThan(2)
})

test('[F5] whoever is at the top of what is drawn gets what is older, also when a bar came in that frame', async () => {
  await page.viewport(1280, 800)
  const talk = Array.from({ length: 900 }, (_, n) => posted(n + 1, `Message ${n + 1}`))
  await stage.open({ hash: '#/line-3/chat', view: view(0, { channels: [logChannel(CHAT, talk)] }) })
  await expect.poll(() => stage.all('.chat-message').length).toBe(TAIL_STEP)
  await expect.poll(fromEnd).toBeLessThan(2)
  await expect.poll(() => stage.root.querySelector('.filter')).not.toBeNull()
  log().scrollTop -= 400
  await expect.poll(() => log().ariaLive).toBe('off')
  const bar = document.createElement('div')
  bar.style.cssText = 'flex: none; height: 160px'
  log().parentElement?.prepend(bar)
  log().scrollTop = 0
  await expect.poll(() => stage.all('.chat-message').length).toBe(2 * TAIL_STEP)
})
