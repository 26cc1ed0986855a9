import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { channelName } from '../../relay/protocol/channels.ts'
import { CHAT, EPOCH, event, id, INBOX, logChannel } from '../../relay/domain/testing/samples.ts'
import { CHAT_SCENES, CHAT_TALK, chatView, said } from '../testing/chat-scenes.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'
import { HandClock } from '../testing/hand-clock.ts'
import { painted, setStage } from '../testing/stage.ts'
import { READ_EVERY_MS } from '../state/read-talk.ts'

const stage = setStage(CHAT_SCENES)
const PREFS = channelName('prefs', 'kim')
const log = (): HTMLElement => stage.find('.chat-log')
const message = (n: number): HTMLElement => stage.find(`[data-key="${id(n)}"]`)
const isInLog = (element: Element): boolean => {
  const [box, { top, bottom }] = [log().getBoundingClientRect(), element.getBoundingClientRect()]
  return top >= box.top - 1 && bottom <= box.bottom + 1
}
const commands = (relay: FakeRelay, type: string): readonly unknown[] =>
  relay.heard.flatMap((said_) => (said_.t === 'command' && said_.type === type ? [said_.data] : []))
const field = () => page.getByRole('textbox', { name: 'Message' })
const at = new Date().toISOString()

beforeEach(() => page.viewport(1280, 800))

describe('[K1] an answer', () => {
  test('is chosen by a press on the message, says so over the field, and goes with the words', async () => {
    const { relay } = await stage.show('chat-talk')
    message(9).click()
    await page.getByRole('button', { name: 'Answer', exact: true }).click()
    await expect.element(page.getByText('Answer to park')).toBeVisible()
    await field().fill('Thank you')
    await userEvent.keyboard('{Enter}')
    await expect
      .poll(() => commands(relay, 'chat.say'))
      .toEqual([{ line: 'line-3', text: 'Thank you', reply: { to: 'message', id: id(9) }, mentions: [] }])
    expect(stage.root.querySelector('.composer-answer')).toBeNull()
    // The next one answers nothing, and is what a server of before takes.
    await field().fill('Good')
    await userEvent.keyboard('{Enter}')
    await expect.poll(() => commands(relay, 'chat.post')).toEqual([{ line: 'line-3', text: 'Good' }])
  })

  test('leads to what it answers: the message is brought into sight, however far up', async () => {
    const far = Array.from({ length: 400 }, (_, n) => said(n + 10, `Message ${n}`, { by: 'lee', at }))
    const last = said(410, 'Which one?', {
      by: 'lee',
      at,
      reply: { to: 'message', id: id(3), by: 'lee', text: 'gauge' },
    })
    await stage.open({ hash: '#/line-3/chat', view: chatView([...CHAT_TALK, ...far, last]) })
    await expect.poll(() => stage.all('[data-testid=chat-message]').length).toBeGreaterThan(100)
    expect(stage.root.querySelector(`[data-key="${id(3)}"]`)).toBeNull()
    message(410).querySelector<HTMLElement>('button.chat-quote')?.click()
    await expect
      .poll(() => stage.root.querySelector(`[data-key="${id(3)}"]`) !== null && isInLog(message(3)))
      .toBe(true)
  })

  test('opens the order it answers', async () => {
    const { app } = await stage.show('chat-talk')
    message(2).querySelector<HTMLElement>('button.chat-quote')?.click()
    await expect.poll(() => app.sheet.value).toMatchObject({ kind: 'order', id: id(502) })
  })
})

describe('[K1] what is said about an alert or an order', () => {
  test('is seen from the alert, and answered from there', async () => {
    const { app, relay } = await stage.show('chat-talk', { hash: '#/line-3/alerts' })
    await page.getByRole('button', { name: /^1 message: Hydraulic/ }).click()
    await expect.poll(() => stage.find('.said-about li').textContent).toContain('펌프를 봐 주세요')
    await page.getByRole('button', { name: 'Discuss', exact: true }).click()
    expect(app.view.value).toBe('chat')
    await expect.poll(() => stage.find('.composer-answer').textContent).toContain('Hydraulic pressure low')
    await field().fill('On my way')
    await userEvent.keyboard('{Enter}')
    const reply = { to: 'alert', id: id(501) }
    await expect
      .poll(() => commands(relay, 'chat.say'))
      .toEqual([{ line: 'line-3', text: 'On my way', reply, mentions: [] }])
  })

  test('is seen from the order; what was changed there and not sent can be opened again', async () => {
    const { app } = await stage.show('chat-talk', { hash: '#/line-3/orders' })
    app.sheet.value = { kind: 'order', id: id(502), draft: { quantity: 7 } }
    await expect.poll(() => stage.find('.said-about li').textContent).toContain('first ten pieces')
    await page.getByRole('button', { name: 'Discuss', exact: true }).click()
    await expect.poll(() => stage.find('.composer-answer').textContent).toContain('WO-502')
    expect(app.closedForm.value).toMatchObject({ kind: 'order', draft: { quantity: 7 } })
  })
})

describe('[K2] a message that was taken back', () => {
  test('says by whom and when in its place, and so does what quotes it', async () => {
    await stage.show('chat-talk')
    await expect.poll(() => message(5).textContent).toMatch(/Withdrawn by lee at \d\d:31/)
    expect(message(7).querySelector('.chat-quote')?.textContent).toMatch(/Withdrawn$/)
    expect(stage.root.textContent).not.toContain('The gauge is broken')
    expect(message(5).querySelector('button')).toBeNull()
  })

  test('is taken back after a question, by its author alone', async () => {
    const { relay } = await stage.show('chat-talk')
    message(9).click()
    await expect.element(page.getByRole('button', { name: 'Answer', exact: true })).toBeVisible()
    expect(page.getByRole('button', { name: 'Withdraw', exact: true }).query()).toBeNull()
    message(2).click()
    await page.getByRole('button', { name: 'Withdraw', exact: true }).click()
    expect(commands(relay, 'chat.withdraw')).toEqual([])
    await page.getByRole('button', { name: 'Withdraw it' }).click()
    await expect.poll(() => commands(relay, 'chat.withdraw')).toEqual([{ line: 'line-3', id: id(2) }])
    await expect.poll(() => message(2).textContent).toContain('Being withdrawn')
  })
})

describe('[K3] a name', () => {
  test('is offered behind an @, taken by Enter or a finger, and goes with the message', async () => {
    const { relay } = await stage.show('chat-talk')
    await field().click()
    await userEvent.keyboard('Look, @')
    await expect.poll(() => stage.all('.mention-list li').map((item) => item.textContent)).toEqual(['@lee', '@park'])
    await userEvent.keyboard('{ArrowDown}{Enter}')
    await expect.element(field()).toHaveValue('Look, @park ')
    await userEvent.keyboard('and @ㅣ')
    await expect.poll(() => stage.all('.mention-list li').map((item) => item.textContent)).toEqual(['@lee'])
    stage.find('.mention-list button').click()
    await expect.element(field()).toHaveValue('Look, @park and @lee ')
    await painted()
    await userEvent.keyboard('{Enter}')
    const reply = null
    await expect
      .poll(() => commands(relay, 'chat.say'))
      .toEqual([{ line: 'line-3', text: 'Look, @park and @lee', reply, mentions: ['park', 'lee'] }])
  })

  test('Escape closes the list and keeps what was typed; a name that is nobody’s is text', async () => {
    const { relay } = await stage.show('chat-talk')
    await field().click()
    await userEvent.keyboard('mail to a@lee and @p')
    await expect.poll(() => stage.all('.mention-list li').length).toBe(1)
    await userEvent.keyboard('{Escape}')
    await expect.poll(() => stage.all('.mention-list li').length).toBe(0)
    await userEvent.keyboard('{Enter}')
    await expect.poll(() => commands(relay, 'chat.post')).toEqual([{ line: 'line-3', text: 'mail to a@lee and @p' }])
  })

  test('says so to whom it names, in every view and line, until it is seen or put off', async () => {
    const clock = new HandClock()
    const { app } = await stage.show('chat-named', { clock })
    await expect.poll(() => stage.find('.bar-named').textContent).toContain('park names you in Line 1')
    await page.getByRole('button', { name: 'Later' }).click()
    // The other one is of this line, and counted on the way there.
    await expect.poll(() => stage.root.querySelector('.bar-named')).toBeNull()
    await expect.element(page.getByRole('img', { name: '2 new messages, one names you' })).toBeVisible()
    app.talk.putOff.value = new Set()
    await expect.element(page.getByRole('button', { name: 'Show', exact: true })).toBeVisible()
    // What has just come takes no press.
    clock.pass(2_000)
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await expect.poll(() => [app.view.value, app.area.value]).toEqual(['chat', 'line-1'])
  })
})

describe('[K4] what is new', () => {
  test('[F9] is marked where one left off, and read once it was in sight', async () => {
    const clock = new HandClock()
    const { relay } = await stage.show('chat-talk', { clock })
    await expect.poll(() => commands(relay, 'chat.read')).toEqual([{ line: 'line-3', id: id(9) }])
    expect(stage.find('.chat-new').nextElementSibling).toBe(message(8))
    expect(page.getByRole('img', { name: /new message/ }).query()).toBeNull()
  })

  test('is told once in five seconds at most, and then as far as it was seen by then', async () => {
    const clock = new HandClock()
    const { relay } = await stage.show('chat-talk', { clock })
    await expect.poll(() => commands(relay, 'chat.read').length).toBe(1)
    for (const n of [10, 11, 12])
      relay.tell({ t: 'event', channel: CHAT, epoch: EPOCH, event: said(n, `${n}`, { by: 'lee', at }) })
    await expect.poll(() => message(12)).toBeTruthy()
    await painted()
    clock.pass(READ_EVERY_MS - 1)
    expect(commands(relay, 'chat.read').length).toBe(1)
    clock.pass(1)
    expect(commands(relay, 'chat.read')).toEqual([
      { line: 'line-3', id: id(9) },
      { line: 'line-3', id: id(12) },
    ])
  })

  test('[F9] is not read by whoever reads older messages; how much there is stands on the way to it, and nothing moves', async () => {
    const long = Array.from({ length: 60 }, (_, n) => said(n + 10, `Message ${n}`, { by: 'kim', at }))
    const { relay } = await stage.open({ hash: '#/line-3/chat', view: chatView([...CHAT_TALK, ...long]) })
    await expect.poll(() => commands(relay, 'chat.read').length).toBe(1)
    log().scrollTop = 300
    await expect.element(page.getByRole('button', { name: 'To the newest' })).toBeVisible()
    const top = log().scrollTop
    for (const n of [70, 71])
      relay.tell({ t: 'event', channel: CHAT, epoch: EPOCH, event: said(n, `${n}`, { by: 'lee', at }) })
    const button = page.getByRole('button', { name: '2 new', exact: true })
    await expect.element(button).toBeVisible()
    expect(log().scrollTop).toBe(top)
    expect(commands(relay, 'chat.read').length).toBe(1)
    await button.click()
    await expect.poll(() => isInLog(message(71))).toBe(true)
    await expect.poll(() => page.getByRole('button', { name: /new$/ }).query()).toBeNull()
  })

  test('what another device of the person has read is not new here', async () => {
    const mark = (offset: number) => ({
      ...logChannel(PREFS, []),
      events: null,
      records: { 'read-line-3': { offset, record: { offset, at } } },
    })
    const view = chatView(CHAT_TALK, mark(7))
    const { relay } = await stage.open({ hash: '#/line-3/orders', view })
    await expect.element(page.getByRole('img', { name: '2 new messages, one names you' })).toBeVisible()
    const read = { key: 'read-line-3', record: { offset: 9, at } }
    relay.tell({ t: 'event', channel: PREFS, epoch: EPOCH, event: event(8, read, { type: 'chat.read' }) })
    await expect.poll(() => page.getByRole('img', { name: /new message/ }).query()).toBeNull()
  })

  test('a mention that is read in its line is no news in the others', async () => {
    const mention = { line: 'line-3', id: id(8), by: 'lee', text: '@kim' }
    const inbox = logChannel(INBOX, [event(1, mention, { type: 'chat.mentioned', at: CHAT_TALK[7]?.at ?? at })])
    const view = chatView(CHAT_TALK)
    const { app } = await stage.open({
      hash: '#/line-3/orders',
      view: { ...view, channels: [...view.channels, inbox] },
    })
    await expect.poll(() => stage.root.querySelector('.bar-named')).not.toBeNull()
    app.place.value = { view: 'chat', area: 'line-3' }
    await expect.poll(() => stage.all('[data-testid=chat-message]').length).toBeGreaterThan(3)
    await painted()
    app.place.value = { view: 'orders', area: 'line-3' }
    await painted()
    expect(stage.root.querySelector('.bar-named')).toBeNull()
  })
})
