import { beforeEach, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { CHAT, EPOCH, logChannel, posted, SESSION, view } from '../../relay/domain/testing/samples.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { MAX_OLDER } from '../state/older-talk.ts'
import { MAX_SOUGHT_PAGES } from '../state/use-older-talk.ts'
import type { Says } from '../testing/fake-relay.ts'
import { painted, setStage } from '../testing/stage.ts'
import { talkWords } from '../text/talk-words.ts'

const stage = setStage()
beforeEach(() => page.viewport(1_280, 800))

const said = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => posted(from + at, `Said ${from + at}`))
/** A server that keeps everything that was said. */
const keeps: Says = ({ before }) => ({
  epoch: EPOCH,
  events: said(Math.max(1, before - LIMITS.logSnapshotEvents), before - 1),
  first: 1,
})
const log = (): HTMLElement => stage.find('.chat-log')
const words = (): readonly string[] => stage.all('.chat-message .chat-text').map(({ textContent }) => textContent)
const older = page.getByRole('button', { name: 'Older messages' })

async function open(says: Says) {
  const channels = [{ ...logChannel(CHAT, said(1_801, 2_000)), confirmedAt: Date.now() }]
  const mounted = await stage.open({ hash: '#/line-3/chat', view: view(0, { channels }), says })
  await expect.poll(() => words().at(-1)).toBe('Said 2000')
  return mounted
}

/** A wheel or a finger that goes up to the top of what is drawn. */
async function goUp(): Promise<void> {
  log().scrollTop = 0
  await painted()
}

/** Goes up until this message is drawn. */
async function upTo(message: string): Promise<void> {
  for (let turn = 0; turn < 60 && !words().includes(message); turn += 1) await goUp()
  expect(words()).toContain(message)
}

test('[K5] whoever scrolls back comes to what was said before, and what they read stays where it is', async () => {
  const { relay, app } = await open(keeps)
  await upTo('Said 1801')
  const message = stage.all('.chat-text').find((each) => each.textContent === 'Said 1801')
  log().scrollTop = 0
  const place = message?.getBoundingClientRect().top
  await expect.poll(words).toContain('Said 1700')
  expect(Math.abs((message?.getBoundingClientRect().top ?? 0) - (place ?? 0))).toBeLessThan(2)
  await upTo('Said 1')
  expect(relay.heard.filter(({ t }) => t === 'past').length).toBe(9)
  // Nothing more is there, and nothing more is offered.
  await expect.element(older).not.toBeInTheDocument()
  // Of a talk of ten pages a bounded piece is held; the newest is one press away.
  expect(app.talk.older.value.events.length).toBeLessThanOrEqual(MAX_OLDER)
  expect(words()).not.toContain('Said 2000')
  await page.getByRole('button', { name: 'To the newest' }).click()
  await expect.poll(() => words().at(-1)).toBe('Said 2000')
  expect(app.talk.older.value.events).toEqual([])
})

test('[K5] whoever goes down again comes through everything to the newest', async () => {
  const { app } = await open(keeps)
  await upTo('Said 900')
  expect(app.talk.older.value.isApart).toBe(true)
  const met = new Set(words())
  for (let turn = 0; turn < 80 && !words().includes('Said 2000'); turn += 1) {
    log().scrollTop = log().scrollHeight
    await painted()
    for (const each of words()) met.add(each)
  }
  expect(words().at(-1)).toBe('Said 2000')
  expect(met.size).toBeGreaterThanOrEqual(1_101)
})

test('[K5] without the server it is said, and asked for again by a press', async () => {
  let isThere = false
  await open((query) => (isThere ? keeps(query) : null))
  await upTo('Said 1801')
  await goUp()
  await expect.element(page.getByRole('alert').filter({ hasText: 'The server cannot be reached now.' })).toBeVisible()
  isThere = true
  await older.click()
  await expect.poll(words).toContain('Said 1700')
})

test('[K5] what one has read back is shown to nobody after them', async () => {
  const { app, relay } = await open(keeps)
  await upTo('Said 1700')
  relay.passTo({ ...SESSION, id: 'lee-1' as never, operator: 'lee' }, [logChannel(CHAT, said(1_801, 2_000))])
  await expect.poll(() => app.session.value?.operator).toBe('lee')
  expect(app.talk.older.value.events).toEqual([])
  await expect.poll(() => words().at(-1)).toBe('Said 2000')
  expect(words()).not.toContain('Said 1700')
})

const keyOf = (n: number): string => {
  const [event] = said(n, n)
  return event?.cause ?? event?.id ?? ''
}

test('[F11] [K5] a message that a search found is read back to, stands in sight, and the talk goes on from there', async () => {
  const { app, relay } = await open(keeps)
  app.talk.sought.value = { line: 'line-3', id: keyOf(300) }
  await expect.poll(() => stage.all('.chat-shown').map(({ textContent }) => textContent)).toHaveLength(1)
  expect(stage.find('.chat-shown').textContent).toContain('Said 300')
  expect(relay.heard.filter(({ t }) => t === 'past').length).toBeLessThanOrEqual(MAX_SOUGHT_PAGES)
  expect(app.notice.value).toBeNull()
  await upTo('Said 150')
  await page.getByRole('button', { name: 'To the newest' }).click()
  await expect.poll(() => words().at(-1)).toBe('Said 2000')
})

test('[F11] [K5] of a message that is not kept, too far back, or behind a server that is away, it is said', async () => {
  let says: Says = keeps
  const { app, relay } = await open((query) => says(query))
  const seek = (id: string) => (app.talk.sought.value = { line: 'line-3', id })
  seek('nobody-said-it')
  await expect.poll(() => app.notice.value).toBe(talkWords().gone)
  says = () => null
  seek(keyOf(300))
  await expect.poll(() => app.notice.value).toContain('The server cannot be reached now.')
  // A server that always has something older.
  says = ({ before }) => ({ epoch: EPOCH, events: said(before - 1, before - 1), first: 1 })
  const before = relay.heard.length
  seek(keyOf(300))
  await expect.poll(() => app.notice.value).toBe(talkWords().far)
  expect(relay.heard.slice(before).filter(({ t }) => t === 'past').length).toBe(MAX_SOUGHT_PAGES)
})
