import { afterEach, describe, expect, it, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { command, order, ORDERS, rejected, SESSION, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { go } from '../state/actions.ts'
import { MAX_BEGUN } from '../state/leaving.ts'
import { openAgain } from '../state/undo.ts'
import { MANY_ROWS } from '../state/use-filter.ts'
import { answerMessage, resend } from '../state/form-actions.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'
import { CHAT_SCENES } from '../testing/chat-scenes.ts'
import { NOTE_SCENES } from '../testing/note-scenes.ts'
import { setStage } from '../testing/stage.ts'

const stage = setStage({ ...CHAT_SCENES, ...NOTE_SCENES })
const LEE = { ...SESSION, id: 'lee-1' as SessionId, operator: 'lee' }

afterEach(() => vi.restoreAllMocks())

function pass(relay: FakeRelay, session: typeof SESSION | null): void {
  relay.tell({ t: 'session', session, areas: ['line-3'] })
}

/** Whether these bytes are still in the memory of this window. */
function isThere(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}

/** A camera that sees something painted. */
function paintedCamera(): void {
  const canvas = document.createElement('canvas')
  canvas.width = 64
  canvas.height = 48
  const drawing = canvas.getContext('2d')
  drawing?.fillRect(0, 0, 32, 48)
  vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockImplementation(() => {
    const stream = canvas.captureStream(10)
    const again = setInterval(() => drawing?.fillRect(0, 0, 16, 48), 50)
    stream.getVideoTracks()[0]?.addEventListener('ended', () => clearInterval(again))
    return Promise.resolve(stream)
  })
}

describe('a photo that was taken and not used', () => {
  const shot = () => stage.find('img.camera-sight').getAttribute('src') ?? ''
  const shoot = async () => {
    paintedCamera()
    await page.viewport(1280, 800)
    const mounted = await stage.show('chat-photos')
    mounted.app.sheet.value = { kind: 'camera', line: 'line-3' }
    await expect.poll(() => stage.all('[data-testid="shoot"]').length).toBe(1)
    await userEvent.click(stage.find('[data-testid="shoot"]'))
    await expect.poll(() => stage.all('img.camera-sight').length).toBe(1)
    return mounted
  }

  it.each([
    ['the next person', LEE],
    ['nobody', null],
    ['another session of the same person', { ...SESSION, id: 'kim-2' as SessionId }],
  ])('is gone once %s is signed in', async (_who, next) => {
    const { app, relay } = await shoot()
    const url = shot()
    expect(await isThere(url)).toBe(true)
    pass(relay, next)
    await expect.poll(() => app.sheet.value).toBeNull()
    await expect.poll(() => isThere(url)).toBe(false)
    expect(app.talk.chosen.value).toEqual({})
  })

  it('is gone when the sheet is closed', async () => {
    const { app } = await shoot()
    const url = shot()
    app.sheet.value = null
    await expect.poll(() => isThere(url)).toBe(false)
  })
})

it('closes what a person had open, and leaves what is everybody’s', async () => {
  const { app, relay } = await stage.show('chat-photos')
  app.sheet.value = { kind: 'raise', draft: { priority: null, area: 'line-3', title: 'Half a tit', body: '' } }
  pass(relay, null)
  await expect.poll(() => app.sheet.value).toBeNull()
  pass(relay, LEE)
  app.sheet.value = { kind: 'connection' }
  pass(relay, SESSION)
  await expect.poll(() => app.session.value?.operator).toBe(SESSION.operator)
  expect(app.sheet.value).toEqual({ kind: 'connection' })
})

describe('a form with something in it', () => {
  const field = page.getByLabelText('What is wrong, and where')
  const back = () => stage.all('.undo-notice .button').length
  const begin = async () => {
    const mounted = await stage.show('chat-talk')
    mounted.app.sheet.value = { kind: 'raise', draft: { priority: 'P2', area: 'line-3', title: '', body: '' } }
    await field.fill('Smoke at the extractor')
    return mounted
  }

  it('is closed with its person, and can be opened again by them alone', async () => {
    const { app, relay } = await begin()
    pass(relay, LEE)
    await expect.poll(() => [app.session.value?.operator, app.sheet.value]).toEqual(['lee', null])
    await expect.element(field).not.toBeInTheDocument()
    expect(back()).toBe(0)
    pass(relay, null)
    await expect.poll(() => app.session.value).toBeNull()
    expect(back()).toBe(0)
    pass(relay, SESSION)
    await expect.poll(back).toBe(1)
    openAgain(app)
    await expect.element(field).toHaveValue('Smoke at the extractor')
  })

  it('can be opened again in another session of the same person', async () => {
    const { app, relay } = await begin()
    pass(relay, { ...SESSION, id: 'kim-2' as SessionId })
    await expect.poll(back).toBe(1)
    openAgain(app)
    await expect.element(field).toHaveValue('Smoke at the extractor')
  })

  it('that was sent is not found again', async () => {
    const { app, relay } = await begin()
    await page.getByRole('button', { name: 'Raise P2' }).click()
    await expect.poll(() => app.sheet.value).toBeNull()
    pass(relay, { ...SESSION, id: 'kim-2' as SessionId })
    await expect.poll(() => app.session.value?.id).toBe('kim-2')
    expect(app.closedForm.value).toBeNull()
  })
})

it('an addendum waits for whoever began it, also while they look at another view', async () => {
  const { app, relay } = await stage.show('note-accepted')
  const addendum = page.getByLabelText('Addendum')
  await addendum.fill('The seal was the wrong si')
  pass(relay, LEE)
  await expect.poll(() => app.session.value?.operator).toBe('lee')
  await expect.element(addendum).toHaveValue('')
  pass(relay, SESSION)
  await expect.element(addendum).toHaveValue('The seal was the wrong si')
  go(app, 'notes')
  await expect.element(addendum).not.toBeInTheDocument()
  go(app, 'notes', undefined, app.notes.value[0]?.note)
  await expect.element(addendum).toHaveValue('The seal was the wrong si')
})

it('what somebody looks for in a list waits for them, hides nothing from the next person, and goes with the view', async () => {
  const records = Array.from({ length: MANY_ROWS + 5 }, (_, n) => order(n, { title: `Part ${n}` }))
  const channels = [stateChannel(ORDERS, 1, records)]
  const { app, relay } = await stage.open({ hash: '#/line-3/orders', view: view(0, { channels }) })
  const field = page.getByRole('search').getByRole('searchbox')
  await field.fill('Part 21')
  const rows = () => stage.all('[data-testid="order-row"]').length
  await expect.poll(rows).toBe(1)
  pass(relay, LEE)
  await expect.poll(() => app.session.value?.operator).toBe('lee')
  await expect.element(field).toHaveValue('')
  await expect.poll(rows).toBeGreaterThan(1)
  pass(relay, SESSION)
  await expect.element(field).toHaveValue('Part 21')
  await expect.poll(rows).toBe(1)
  go(app, 'alerts')
  await expect.element(field).not.toBeInTheDocument()
  go(app, 'orders')
  await expect.element(field).toHaveValue('')
  pass(relay, LEE)
  await expect.poll(() => app.session.value?.operator).toBe('lee')
  pass(relay, SESSION)
  await expect.poll(() => app.session.value?.operator).toBe('kim')
  await expect.element(field).toHaveValue('')
})

it('what somebody searches everywhere can be searched again by them alone', async () => {
  const { app, relay } = await stage.show('chat-talk')
  app.sheet.value = { kind: 'search' }
  const field = page.getByRole('dialog').getByRole('searchbox')
  await field.fill('drips')
  pass(relay, LEE)
  await expect.poll(() => [app.session.value?.operator, app.sheet.value]).toEqual(['lee', null])
  expect(app.closedForm.value).toBeNull()
  pass(relay, SESSION)
  await expect.poll(() => app.closedForm.value).toEqual({ kind: 'search', q: 'drips' })
  openAgain(app)
  await expect.element(field).toHaveValue('drips')
  await expect.poll(() => relay.heard.filter(({ t }) => t === 'search')).not.toEqual([])
  expect(relay.heard.findLast(({ t }) => t === 'search')).toMatchObject({ q: 'drips' })
})

describe('what somebody was writing to a line', () => {
  const draft = () => (stage.find('.composer-input') as HTMLTextAreaElement).value

  it('waits for them, and is not the next person’s', async () => {
    const { app, relay } = await stage.show('chat-talk')
    await userEvent.fill(stage.find('.composer-input'), 'The seal drips aga')
    const [row] = app.chat.value.filter(({ id }) => id !== null)
    if (row === undefined) throw new Error('nothing was said')
    answerMessage(app, row)
    pass(relay, null)
    await expect.poll(() => app.session.value).toBeNull()
    expect([app.drafts.value, app.talk.answers.value]).toEqual([{}, {}])
    pass(relay, LEE)
    await expect.poll(() => stage.all('.composer-input').length).toBe(1)
    expect(draft()).toBe('')
    expect(stage.all('.composer-answer')).toHaveLength(0)
    pass(relay, SESSION)
    await expect.poll(draft).toBe('The seal drips aga')
    expect(stage.all('.composer-answer')).toHaveLength(1)
  })

  it('takes up no refusal of another: that stays with its author', async () => {
    const refused = rejected(command(50, 'chat.post', { line: 'line-3', text: 'hello' }), 'forbidden')
    const scene = CHAT_SCENES['chat-talk']
    if (scene === undefined) throw new Error('no scene')
    const { app, relay } = await stage.open({ ...scene, view: { ...scene.view, rejected: [refused] } })
    resend(app, refused)
    pass(relay, LEE)
    await expect.poll(() => app.session.value?.operator).toBe('lee')
    await userEvent.fill(stage.find('.composer-input'), 'Good morning')
    await userEvent.click(stage.find('.composer [type="submit"]'))
    await expect.poll(() => relay.heard.filter((one) => one.t === 'command' && one.type === 'chat.post').length).toBe(1)
    expect(relay.heard.filter(({ t }) => t === 'dismiss')).toEqual([])
  })

  it('is kept of a bounded number of people', async () => {
    const { app, relay } = await stage.show('chat-talk')
    for (let n = 0; n <= MAX_BEGUN + 1; n += 1) {
      pass(relay, { ...SESSION, id: `s-${n}` as SessionId, operator: `person-${n}` })
      await expect.poll(() => app.session.value?.operator).toBe(`person-${n}`)
    }
    expect(app.begun.size).toBe(MAX_BEGUN)
  })
})
