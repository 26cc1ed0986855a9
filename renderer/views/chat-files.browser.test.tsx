import { beforeEach, describe, expect, it } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { rejected, SESSION } from '../../relay/domain/testing/samples.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { go } from '../state/actions.ts'
import { add, MAX_LEFT_BYTES } from '../state/chosen-files.ts'
import { resend } from '../state/form-actions.ts'
import { CHAT_SCENES } from '../testing/chat-scenes.ts'
import { paintedPhoto } from '../testing/painted-photo.ts'
import { leastPressed, painted, setStage } from '../testing/stage.ts'
import { fileWords } from '../text/file-words.ts'
import { outboxWords } from '../text/outbox-words.ts'
import { speak, text } from '../text/text.ts'

const stage = setStage(CHAT_SCENES)

// High enough for all of them: what is far from what is in sight is not read.
beforeEach(() => page.viewport(1920, 2400))

const tiles = () => stage.all('[data-testid="chat-photo"]')
const states = () => tiles().map(({ textContent }) => textContent)
const chosen = () => stage.all('[data-testid="chosen-files"] li')
const notice = (app: { readonly notice: { readonly value: string | null } }) => app.notice.value ?? ''

/** A file as a person's picker brings it. */
async function pick(...files: readonly File[]): Promise<void> {
  const input = stage.all('input[type="file"]').find((each) => each.hasAttribute('multiple')) as HTMLInputElement
  const data = new DataTransfer()
  for (const file of files) data.items.add(file)
  input.files = data.files
  input.dispatchEvent(new Event('change', { bubbles: true }))
}

function photoFile(name = 'die.png', width = 40, height = 30): Promise<File> {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const drawing = canvas.getContext('2d')
  if (drawing !== null) {
    drawing.fillStyle = '#c30'
    drawing.fillRect(0, 0, width / 2, height)
  }
  return new Promise((resolve) =>
    canvas.toBlob((blob) => resolve(new File([blob ?? ''], name, { type: 'image/png' })), 'image/png'),
  )
}

describe('photos of messages', () => {
  it('are shown small, each with what became of it', async () => {
    await stage.show('chat-photos')
    await expect.poll(() => stage.all('.chat-photo img').length).toBe(5)
    const words = fileWords()
    expect(states()).toEqual(['', words.onItsWay, words.lost, words.refused, '', '', '', words.sent(36)])
    expect(stage.all('[data-testid="chat-file"]')[0]?.textContent).toContain('Setting sheet')
  })

  it('of a relay that cannot reach the server can be asked for again', async () => {
    let isReached = false
    await stage.show('chat-photos', { reads: () => (isReached ? paintedPhoto(1) : null) })
    await expect.poll(() => states()[0]).toBe(fileWords().again)
    isReached = true
    const [first] = stage.all('.chat-photo-open')
    if (first !== undefined) await userEvent.click(first)
    await expect.poll(() => stage.all('.chat-photo img').length).toBeGreaterThan(0)
  })

  it('go from the memory of this window with their person', async () => {
    const { relay } = await stage.show('chat-photos')
    await expect.poll(() => stage.all('.chat-photo img').length).toBe(5)
    const [image] = stage.all('.chat-photo img')
    const url = image?.getAttribute('src') ?? ''
    expect((await fetch(url)).ok).toBe(true)
    relay.tell({ t: 'session', session: null, areas: ['line-3'] })
    await painted()
    await expect(fetch(url)).rejects.toThrow()
  })
})

describe('[R91] what its author is told of a photo', () => {
  const button = (words: string) => stage.all('button').find(({ textContent }) => textContent === words)
  const said = (code: 'file-missing' | 'unavailable') =>
    code === 'unavailable' ? fileWords().trouble[code] : fileWords().lostBy[code]

  it('is why it will never come, or does not now, beside what others are told', async () => {
    await stage.show('chat-lost')
    const lost = said('file-missing')
    await expect.poll(() => states().slice(-3)).toEqual([lost, lost, said('unavailable')])
    expect(states()).toContain(fileWords().lost)
    expect(stage.all('[data-testid="lost-files"]')).toHaveLength(1)
    expect(stage.find('[data-testid="outbox-count"]').textContent).toContain(text.outbox.refused(2))
  })

  it.each(['en', 'ko'] as const)('tells whose room is used up: theirs or the server’s, in %s', async (language) => {
    const scene = CHAT_SCENES['chat-lost']
    if (scene === undefined) throw new Error('no scene')
    const waiting = (trouble: string) =>
      scene.view.files.waiting.map((file) => (file.isLost ? file : { ...file, trouble }))
    for (const code of ['files-share', 'files-full'] as const) {
      const files = { ...scene.view.files, waiting: waiting(code) }
      const { app } = await stage.open({ ...scene, view: { ...scene.view, files } })
      app.deviceLanguage.value = language
      await speak(language)
      const { trouble } = fileWords()
      const other = code === 'files-share' ? trouble['files-full'] : trouble['files-share']
      await expect.poll(() => states().at(-1)).toBe(trouble[code])
      app.sheet.value = { kind: 'outbox' }
      await expect
        .poll(() =>
          stage
            .all('dialog')
            .map(({ textContent }) => textContent)
            .join(''),
        )
        .toContain(trouble[code])
      expect(stage.root.textContent).not.toContain(other)
    }
  })

  it('stands in the list of what waits, which does not say that everything has been sent', async () => {
    const { app, relay } = await stage.show('chat-lost')
    app.sheet.value = { kind: 'outbox' }
    await expect.poll(() => stage.all('dialog [data-testid="lost-files"]').length).toBe(1)
    const edge = (selector: string) => stage.find(`dialog ${selector} .outbox-what`).getBoundingClientRect().left
    expect(edge('[data-testid="outbox-files"]')).toBe(edge('.outbox-item'))
    const sheet = stage.find('dialog').textContent
    expect(sheet).toContain(fileWords().lostOf(2, text.areaName('line-3')))
    expect(sheet).toContain(said('file-missing'))
    expect(stage.find('[data-testid="outbox-files"]').textContent).toContain(said('unavailable'))
    expect(sheet).not.toContain(outboxWords().empty)
    const letGo = stage.all('dialog button').find(({ textContent }) => textContent === fileWords().letGo)
    letGo?.click()
    const [, id] = app.files.value.waiting.map((file) => file.id)
    expect(relay.heard.filter(({ t }) => t === 'dismiss')).toEqual([{ t: 'dismiss', id }])
  })

  it('leads to the camera, for a new message of the same line', async () => {
    const { app, relay } = await stage.show('chat-lost')
    await expect.poll(() => button(fileWords().takeAgain)).toBeDefined()
    button(fileWords().takeAgain)?.click()
    expect(relay.heard.filter(({ t }) => t === 'dismiss')).toHaveLength(1)
    expect(app.sheet.value).toEqual({ kind: 'camera', line: 'line-3' })
  })
})

describe('a photo as large as the screen', () => {
  const scale = () => Number(stage.find('[data-testid="viewer"]').dataset['scale'])
  const shownName = () => stage.find('.viewer img').getAttribute('alt')
  const open = async () => {
    const mounted = await stage.show('chat-photos')
    await expect.poll(() => stage.all('.chat-photo img').length).toBe(5)
    const button = stage.find(`[aria-label="${fileWords().open('die-2.jpg')}"]`)
    await userEvent.click(button)
    await expect.poll(() => stage.all('.viewer img').length).toBe(1)
    return mounted
  }

  it('opens by a press, and goes nearer by buttons, keys, a wheel and two taps', async () => {
    const { app } = await open()
    await userEvent.click(stage.find(`[aria-label="${fileWords().nearer}"]`))
    await expect.poll(scale).toBe(1.5)
    await userEvent.keyboard('0')
    await expect.poll(scale).toBe(1)
    await userEvent.keyboard('=')
    await expect.poll(scale).toBe(1.5)
    await userEvent.keyboard('-')
    await expect.poll(scale).toBe(1)
    const viewer = stage.find('[data-testid="viewer"]')
    viewer.dispatchEvent(new WheelEvent('wheel', { deltaY: -300, cancelable: true, bubbles: true }))
    await expect.poll(scale).toBeGreaterThan(1.5)
    await userEvent.keyboard('0')
    await userEvent.dblClick(viewer)
    await expect.poll(scale).toBe(3)
    await userEvent.dblClick(viewer)
    await expect.poll(scale).toBe(1)
    await userEvent.keyboard('{Escape}')
    await expect.poll(() => app.sheet.value).toBeNull()
  })

  it('grows between two fingers', async () => {
    await open()
    const viewer = stage.find('[data-testid="viewer"]')
    const { left, top, width, height } = viewer.getBoundingClientRect()
    const finger = (type: string, pointerId: number, x: number) =>
      viewer.dispatchEvent(
        new PointerEvent(type, {
          pointerId,
          pointerType: 'touch',
          clientX: left + width / 2 + x,
          clientY: top + height / 2,
          bubbles: true,
        }),
      )
    // Only a real finger can be captured.
    viewer.setPointerCapture = () => undefined
    finger('pointerdown', 1, -50)
    finger('pointerdown', 2, 50)
    finger('pointermove', 1, -100)
    finger('pointermove', 2, 100)
    await expect.poll(scale).toBeCloseTo(2, 1)
    finger('pointerup', 1, -100)
    finger('pointerup', 2, 100)
    expect(scale()).toBeCloseTo(2, 1)
  })

  it('goes to the next of its message, also by an arrow', async () => {
    await open()
    expect(shownName()).toContain('die-2')
    await userEvent.keyboard('{ArrowRight}')
    await expect.poll(shownName).toContain('die-3')
    await userEvent.click(stage.find(`[aria-label="${fileWords().before}"]`))
    await expect.poll(shownName).toContain('die-2')
  })

  it('says that it needs the server where that cannot be reached, and is asked for again', async () => {
    let isReached = false
    const { app } = await stage.show('chat-photos', { reads: () => (isReached ? paintedPhoto(1) : null) })
    const [row] = app.chat.value.filter(({ files }) => files.length > 0)
    if (row === undefined || row.id === null || row.files[0] === undefined) throw new Error('no photo')
    app.sheet.value = { kind: 'photo', id: row.id, hash: row.files[0].hash }
    await expect
      .poll(() =>
        stage
          .all('.viewer [role="status"]')
          .map(({ textContent }) => textContent)
          .join(),
      )
      .toContain(fileWords().needsServer)
    isReached = true
    await userEvent.click(stage.find('.viewer-absent button'))
    await expect.poll(() => stage.all('.viewer img').length).toBe(1)
  })

  it('says that it is gone when its message was taken back', async () => {
    const { relay } = await open()
    const by = 'park'
    const message = CHAT_SCENES['chat-photos']?.view.channels.find(({ channel }) => channel === 'chat/line-3')
    const event = { ...message?.events?.at(-1), type: 'chat.withdrawn' } as never
    const { offset, cause } = message?.events?.at(-1) ?? { offset: 0, cause: undefined }
    relay.tell({
      t: 'event',
      channel: 'chat/line-3' as never,
      epoch: message?.epoch as never,
      event: Object.assign({}, event, { id: 'w', offset: offset + 1, by, cause: undefined, data: { id: cause } }),
    })
    await expect.poll(() => stage.find('dialog').textContent).toContain(fileWords().gone)
  })
})

describe('a message with photos', () => {
  it('shows what was chosen, sends it once it is kept, and is empty then', async () => {
    const { app, relay } = await stage.show('chat-photos')
    await pick(await photoFile(), new File(['a,b'], 'list.csv', { type: 'application/vnd.ms-excel' }))
    await expect.poll(() => chosen().length).toBe(2)
    await userEvent.fill(stage.find('textarea'), 'Seen at the die')
    await userEvent.click(stage.find('.composer [type="submit"]'))
    await expect.poll(() => chosen().length).toBe(0)
    const said = relay.heard.filter(({ t }) => t === 'attach' || t === 'command')
    expect(said.map(({ t }) => t)).toEqual(['attach', 'attach', 'command'])
    const command = said.at(-1)
    expect(command).toMatchObject({
      type: 'chat.share',
      data: {
        line: 'line-3',
        text: 'Seen at the die',
        files: [
          { type: 'image/jpeg', name: 'die.jpg' },
          { type: 'text/csv', name: 'list.csv', size: 3 },
        ],
      },
    })
    expect(app.drafts.value['line-3']).toBe('')
    // Its own photo is there at once, from what this window has.
    await expect.poll(() => tiles().at(-1)?.querySelector('img')).not.toBeNull()
    expect(relay.heard.filter(({ t }) => t === 'file')).not.toContainEqual(
      expect.objectContaining({ id: command?.t === 'command' ? command.id : '' }),
    )
  })

  it('knows a file by its ending where the browser does not say what it is', async () => {
    const { app } = await stage.show('chat-photos')
    const photo = new File([await photoFile()], 'die.PNG')
    await pick(new File(['Oil'], 'Oil.TXT'), new File(['%PDF'], 'plan.pdf'), photo, new File(['MZ'], 'tool.bin'))
    await expect.poll(() => notice(app)).toContain(fileWords().notSendable('tool.bin'))
    const types = (app.talk.chosen.value['line-3'] ?? []).map(({ type }) => type)
    expect(types).toEqual(['text/plain', 'application/pdf', 'image/jpeg'])
  })

  it('needs no words, and lets go of what is taken out', async () => {
    const { relay } = await stage.show('chat-photos')
    await pick(await photoFile('a.png'), await photoFile('b.png', 50))
    await expect.poll(() => chosen().length).toBe(2)
    await userEvent.click(stage.find(`[aria-label="${fileWords().remove('a.jpg')}"]`))
    await expect.poll(() => chosen().length).toBe(1)
    await userEvent.click(stage.find('.composer [type="submit"]'))
    await expect.poll(() => relay.heard.filter(({ t }) => t === 'command').length).toBe(1)
    expect(relay.heard.at(-1)).toMatchObject({ data: { text: '', files: [{ name: 'b.jpg' }] } })
  })

  it('is what was there when Send was pressed: words of later stay, and nothing is sent twice', async () => {
    const { app, relay } = await stage.show('chat-photos')
    await pick(await photoFile())
    await expect.poll(() => chosen().length).toBe(1)
    await userEvent.fill(stage.find('textarea'), 'Seen at the die')
    stage.find('.composer [type="submit"]').click()
    app.drafts.value = { ...app.drafts.value, 'line-3': 'And at the' }
    go(app, 'alerts')
    await painted()
    go(app, 'chat')
    await expect.poll(() => stage.all('.composer [type="submit"]').length).toBe(1)
    expect(chosen()).toHaveLength(0)
    const sent = () => relay.heard.filter(({ t }) => t === 'command')
    await expect.poll(() => sent().length).toBe(1)
    expect(sent()).toMatchObject([{ type: 'chat.share', data: { text: 'Seen at the die' } }])
    await painted()
    expect((stage.find('textarea') as HTMLTextAreaElement).value).toBe('And at the')
  })

  it('waits in the memory of the window for whoever chose it, and nobody else sees it', async () => {
    const { app, relay } = await stage.show('chat-photos')
    const pass = async (operator: string): Promise<void> => {
      relay.tell({ t: 'session', session: { ...SESSION, id: `${operator}-9` as never, operator }, areas: ['line-3'] })
      await expect.poll(() => app.session.value?.operator).toBe(operator)
      await painted()
    }
    await pick(await photoFile())
    await expect.poll(() => chosen().length).toBe(1)
    const url = app.talk.chosen.value['line-3']?.[0]?.url ?? ''
    await pass('park')
    expect([chosen().length, app.talk.chosen.value]).toEqual([0, {}])
    await expect(fetch(url)).rejects.toThrow()
    await pass(SESSION.operator)
    await expect.poll(() => chosen().length).toBe(1)
    expect((await fetch(app.talk.chosen.value['line-3']?.[0]?.url ?? '')).ok).toBe(true)
    // More than a window keeps for people who have left it: who left first is told once they are back.
    const large = new Uint8Array(MAX_LEFT_BYTES / 2 + 1)
    const file = { name: 'a.pdf', type: 'application/pdf', bytes: large } as const
    add(app, 'line-3', file)
    await pass('park')
    add(app, 'line-3', file)
    await pass('lee')
    await pass(SESSION.operator)
    expect(app.talk.chosen.value).toEqual({})
    expect(app.notice.value).toBe(fileWords().notKept)
    await pass('park')
    expect(app.talk.chosen.value['line-3']).toHaveLength(1)
  })

  it('goes back to its author alone when they leave before it is saved', async () => {
    const { app, relay } = await stage.show('chat-photos')
    await pick(await photoFile())
    await expect.poll(() => chosen().length).toBe(1)
    await userEvent.fill(stage.find('textarea'), 'Seen at the die')
    stage.find('.composer [type="submit"]').click()
    relay.tell({ t: 'session', session: { ...SESSION, id: 'park-1' as never, operator: 'park' }, areas: ['line-3'] })
    await expect.poll(() => app.session.value?.operator).toBe('park')
    await expect.poll(() => app.begun.get(SESSION.operator)?.drafts['line-3']).toBe('Seen at the die')
    expect([app.drafts.value['line-3'] ?? '', chosen().length]).toEqual(['', 0])
    expect(relay.heard.filter(({ t }) => t === 'command')).toEqual([])
    relay.tell({ t: 'session', session: SESSION, areas: ['line-3'] })
    await expect.poll(() => chosen().length).toBe(1)
  })

  it('takes what is pasted', async () => {
    await stage.show('chat-photos')
    const data = new DataTransfer()
    data.items.add(await photoFile('screen.png'))
    stage
      .find('textarea')
      .dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    await expect.poll(() => chosen().length).toBe(1)
  })

  it('says what cannot be sent: a program, what is too large, what is no photo, one too many', async () => {
    const { app } = await stage.show('chat-photos')
    await pick(new File(['MZ'], 'tool.exe', { type: 'application/x-msdownload' }))
    await expect.poll(() => notice(app)).toContain(fileWords().notSendable('tool.exe'))
    await pick(new File([new Uint8Array(LIMITS.maxAttachmentBytes + 1)], 'plan.pdf', { type: 'application/pdf' }))
    await expect.poll(() => notice(app)).toContain(fileWords().tooLarge('plan.pdf'))
    await pick(new File(['<svg onload="alert(1)"/>'], 'x.png', { type: 'image/png' }))
    await expect.poll(() => notice(app)).toContain(fileWords().unreadable('x.png'))
    const notes = Array.from(
      { length: LIMITS.maxFiles + 1 },
      (_, n) => new File([`${n}`], `${n}.txt`, { type: 'text/plain' }),
    )
    await pick(...notes)
    await expect.poll(() => notice(app)).toContain(fileWords().tooMany(LIMITS.maxFiles))
    expect(chosen()).toHaveLength(LIMITS.maxFiles)
  })

  it('[R91] says before somebody shoots that the device is full', async () => {
    const scene = CHAT_SCENES['chat-photos']
    if (scene === undefined) throw new Error('no scene')
    const files = { count: LIMITS.maxWaitingFiles, bytes: 1, waiting: [] }
    const { app } = await stage.open({ ...scene, view: { ...scene.view, files } })
    await userEvent.click(stage.find('[data-testid="add-file"]'))
    expect(notice(app)).toBe(fileWords().full)
    expect(stage.all('.composer-ways')).toHaveLength(0)
  })

  it('[R88] comes back with its photos when it was refused, to be sent again', async () => {
    const scene = CHAT_SCENES['chat-photos']
    const [waiting] = scene?.view.pending ?? []
    if (scene === undefined || waiting === undefined) throw new Error('no scene')
    const refused = rejected(waiting, 'forbidden')
    const { app, relay } = await stage.open({ ...scene, view: { ...scene.view, pending: [], rejected: [refused] } })
    resend(app, refused)
    await expect.poll(() => chosen().length).toBe(1)
    await userEvent.click(stage.find('.composer [type="submit"]'))
    await expect.poll(() => relay.heard.filter(({ t }) => t === 'dismiss').length).toBe(1)
    expect(relay.heard.filter(({ t }) => t === 'attach')).toHaveLength(1)
  })

  it('[R88] comes back behind what is being written, and is not sent before its photos are there', async () => {
    const scene = CHAT_SCENES['chat-photos']
    const [waiting] = scene?.view.pending ?? []
    if (scene === undefined || waiting === undefined) throw new Error('no scene')
    const refused = rejected(waiting, 'forbidden')
    const { app, relay } = await stage.open({ ...scene, view: { ...scene.view, pending: [], rejected: [refused] } })
    await userEvent.fill(stage.find('textarea'), 'Half a sent')
    resend(app, refused)
    resend(app, refused)
    await painted()
    const said = (refused.command.data as { readonly text: string }).text
    expect(app.drafts.value['line-3']).toBe(['Half a sent', said].filter((words) => words !== '').join('\n'))
    await expect.poll(() => chosen().length).toBe(1)
    expect(app.talk.reading.value['line-3']).toBe(0)
    app.talk.reading.value = { 'line-3': 1 }
    await expect.poll(() => (stage.find('.composer [type="submit"]') as HTMLButtonElement).disabled).toBe(true)
    stage.find('textarea').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    await painted()
    expect(relay.heard.filter(({ t }) => t === 'command')).toEqual([])
  })

  it('[R88] takes no more than a message has room for, and stays in review with the rest', async () => {
    const scene = CHAT_SCENES['chat-photos']
    const [waiting] = scene?.view.pending ?? []
    if (scene === undefined || waiting === undefined) throw new Error('no scene')
    const refused = rejected(waiting, 'forbidden')
    const { app, relay } = await stage.open({ ...scene, view: { ...scene.view, pending: [], rejected: [refused] } })
    await pick(
      ...Array.from({ length: LIMITS.maxFiles }, (_, n) => new File([`${n}`], `${n}.txt`, { type: 'text/plain' })),
    )
    await expect.poll(() => chosen().length).toBe(LIMITS.maxFiles)
    resend(app, refused)
    await expect.poll(() => notice(app)).toContain(fileWords().tooMany(LIMITS.maxFiles))
    await expect.poll(() => app.talk.reading.value['line-3']).toBe(0)
    stage.find('.composer [type="submit"]').click()
    await expect.poll(() => relay.heard.filter(({ t }) => t === 'command').length).toBe(1)
    expect(relay.heard.filter(({ t }) => t === 'dismiss')).toEqual([])
  })
})

describe.each([
  [1920, 1080],
  [1280, 800],
  [390, 844],
] as const)('on %i × %i', (width, height) => {
  it('everything that is pressed is as large as a glove, in the field and in the viewer', async () => {
    await page.viewport(width, height)
    const { app } = await stage.show('chat-photos')
    await pick(await photoFile())
    await expect.poll(() => chosen().length).toBe(1)
    await userEvent.click(stage.find('[data-testid="add-file"]'))
    const least = Math.min(leastPressed(width, height), 48)
    const pressed = () => [
      ...stage.all('.composer button'),
      ...stage.all('.chat-photo button'),
      ...stage.all('dialog button'),
    ]
    for (const button of pressed()) {
      const box = button.getBoundingClientRect()
      expect(Math.min(box.width, box.height), button.outerHTML).toBeGreaterThanOrEqual(least - 3)
    }
    await expect.poll(() => stage.all('.chat-photo-open').length).toBeGreaterThan(0)
    const [first] = stage.all('.chat-photo-open')
    if (first !== undefined) await userEvent.click(first)
    await expect.poll(() => app.sheet.value?.kind).toBe('photo')
    await painted()
    for (const button of pressed()) {
      const box = button.getBoundingClientRect()
      expect(Math.min(box.width, box.height), button.outerHTML).toBeGreaterThanOrEqual(least - 3)
      expect(box.right).toBeLessThanOrEqual(width)
    }
  })
})
