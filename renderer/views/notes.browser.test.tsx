import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import * as Y from 'yjs'
import { NoteCopy } from '../../relay/documents/note-copy.ts'
import { piecesOf } from '../../relay/domain/notes.ts'
import type { ErrorCode } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { noteChannel } from '../../relay/protocol/notes.ts'
import { go, signOut } from '../state/actions.ts'
import { command, EPOCH, id, rejected, SESSION } from '../../relay/domain/testing/samples.ts'
import type { Reply } from '../../relay/window.ts'
import type { SettledCommand, WindowMessage } from '../../relay/protocol/local.ts'
import { NOTE, NOTE_SCENES, refusedChange } from '../testing/note-scenes.ts'
import { noteTitle, notesWords } from '../text/notes-words.ts'
import { touch } from '../testing/finger.ts'
import { painted, setStage } from '../testing/stage.ts'

const stage = setStage(NOTE_SCENES)
beforeEach(() => page.viewport(1280, 800))

const lines = (): readonly string[] => stage.all('.note-words').map(({ textContent }) => textContent)
const updates = (heard: readonly WindowMessage[]) =>
  heard.filter((message) => message.t === 'command' && message.type === 'note.update')

/** The caret at the end of the block that begins so. */
function putCaretBehind(words: string): void {
  const block = stage.all('.note-words').find(({ textContent }) => textContent.startsWith(words))
  stage.find('.note-body').focus()
  getSelection()?.selectAllChildren(block ?? stage.root)
  getSelection()?.collapseToEnd()
}

test('a note is read with what it names as that stands now', async () => {
  await stage.show('note')
  await expect.poll(lines).toContain('Chips emptied')
  await expect.element(page.getByRole('button', { name: 'WO-30 Running' })).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'P1 Hydraulic pressure low · Press 2 open' })).toBeVisible()
  await expect.element(page.getByRole('checkbox').first()).toHaveAttribute('aria-checked', 'true')
})

test.each(['note', 'note-accepted'])('a touch on what a note names opens it: %s', async (name) => {
  const show = async () => {
    const { app } = await stage.show(name)
    await expect.poll(lines).toContain('Chips emptied')
    putCaretBehind('Oil was low')
    return app
  }
  const { sheet } = await show()
  await touch(page.getByRole('button', { name: 'WO-30 Running' }))
  await expect.poll(() => sheet.value).toMatchObject({ kind: 'order', id: id(30) })
  const { view } = await show()
  await touch(page.getByRole('button', { name: 'P1 Hydraulic pressure low · Press 2 open' }))
  await expect.poll(() => view.value).toBe('alerts')
  await expect.element(page.getByRole('heading', { name: 'Hydraulic pressure low · Press 2' })).toBeVisible()
})

test('[J3] [J4] what is written is sent under the epoch of its copy, and what others write comes in beside it', async () => {
  const { relay } = await stage.show('note')
  await expect.poll(lines).toContain('Chips emptied')
  putCaretBehind('Oil was low')
  await userEvent.keyboard(' Done.')
  await expect.poll(() => updates(relay.heard).length).toBeGreaterThan(0)
  expect(updates(relay.heard)[0]).toMatchObject({ data: { area: 'line-3', note: NOTE, epoch: EPOCH } })
  expect(lines().join('\n')).toContain('필요합니다. Done.')
})

test('[J4] what was not taken stays with its author until they insert it again or let it go', async () => {
  const { relay } = await stage.show('note-refused')
  await expect.element(page.getByText('Valve 3 drips, a pan stands below it.')).toBeVisible()
  await page.getByRole('button', { name: 'Insert again' }).click()
  await expect.poll(() => lines().at(-1)).toBe('Valve 3 drips, a pan stands below it.')
  await expect.poll(() => relay.heard).toContainEqual(expect.objectContaining({ t: 'dismiss', id: id(650) }))
  await expect.poll(() => updates(relay.heard).length).toBeGreaterThan(0)
})

test('[J4] what is inserted again stays kept, and is not said to be with everybody, until it is on a disk', async () => {
  const { app } = await stage.show('note-refused')
  const given: Record<string, (reply: Reply) => void> = {}
  const ids: unknown[] = []
  const { relay } = app
  relay.command = (_type, _data, again) => {
    const of = again ?? id(700)
    ids.push(again)
    return { id: of, saved: new Promise((resolve) => (given[ids.length] = resolve)) }
  }
  await page.getByRole('button', { name: 'Insert again' }).click()
  await expect.poll(() => ids).toEqual([undefined])
  expect(stage.root.textContent).toContain(notesWords().saved.writing)
  // The relay hangs: the same command is asked for again, and is one command.
  given[1]?.({ ok: false, code: 'no-answer', message: null })
  await expect.poll(() => ids).toEqual([undefined, id(700)])
  expect(stage.all('.note-refused')).toHaveLength(1)
  given[2]?.({ ok: true })
  await expect.poll(() => stage.all('.note-refused').length).toBe(0)
  expect(stage.root.textContent).not.toContain(notesWords().saved.writing)
})

test('[J4] what the editor cannot show is deleted for nobody: a look at a note sends nothing', async () => {
  const { view } = NOTE_SCENES['note'] ?? {}
  const name = noteChannel('line-3', NOTE)
  const channel = view?.channels.find((each) => each.channel === name)
  if (view === undefined || channel === undefined) throw new Error('no scene')
  // A block within a block, which no editor makes.
  const copy = new NoteCopy(() => undefined)
  copy.take(piecesOf(channel))
  const [block] = copy.doc.getXmlFragment('note').toArray()
  if (!(block instanceof Y.XmlElement)) throw new Error('no block')
  block.insert(0, [new Y.XmlElement('block')])
  const [update = ''] = copy.send(LIMITS.maxUpdateBytes)
  const piece = { offset: channel.offset, record: { set: id(710), part: 0, of: 1, update } }
  const hostile = { ...channel, records: { ...channel.records, [id(710)]: piece } }
  const channels = view.channels.map((each) => (each === channel ? hostile : each))
  const { relay } = await stage.show('note', { view: { ...view, channels } })
  await expect.poll(lines).toContain('Chips emptied')
  // Longer than words are gathered.
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(updates(relay.heard)).toEqual([])
})

test('[J4] where the server does not take a change, the page goes on with the server’s copy', async () => {
  const { app, relay } = await stage.show('note')
  await expect.poll(lines).toContain('Chips emptied')
  putCaretBehind('Oil was low')
  await userEvent.keyboard(' Lost words.')
  await expect.poll(() => updates(relay.heard).length).toBeGreaterThan(0)
  const [sent] = updates(relay.heard)
  if (sent?.t !== 'command') throw new Error('nothing was sent')
  const refusal = refusedChange(660, 'Lost words.')
  // What is written meanwhile and was not sent is refused in its turn, and so is kept as well.
  await userEvent.keyboard(' And more.')
  relay.tell({ t: 'settled', settled: { ...refusal, command: { ...refusal.command, id: sent.id as never } } })
  await expect.poll(() => app.rejected.value).toHaveLength(1)
  await expect.poll(() => lines().join('\n')).not.toContain('Lost words')
  await expect.poll(() => updates(relay.heard).length).toBeGreaterThan(1)
  await expect.element(page.getByRole('button', { name: 'Insert again' })).toBeVisible()
})

test('who may not read it any more keeps what they had written', async () => {
  const { relay } = await stage.show('note')
  await expect.poll(lines).toContain('Chips emptied')
  putCaretBehind('Oil was low')
  await userEvent.keyboard(' Not read yet.')
  relay.passTo({ ...SESSION, areas: ['line-1'] }, [])
  await expect
    .poll(() => stage.all('.note-refused-text').map(({ textContent }) => textContent))
    .toEqual([expect.stringContaining('Not read yet.')])
  expect(stage.find('.note-refused').textContent).toContain('You may not read this note any more')
})

test('[J4] words of a note that may not be read any more are read and copied in the list of what was not accepted', async () => {
  const { view } = NOTE_SCENES['note-refused'] ?? {}
  if (view === undefined) throw new Error('no scene')
  const session = { ...SESSION, areas: ['line-1'] }
  const added = { area: 'line-3', note: NOTE, text: 'The seal it was.' }
  const refused = [...view.rejected, rejected(command(651, 'note.add', added), 'forbidden')]
  // As after a reload: what the page had in memory is gone.
  const { app } = await stage.show('note', { view: { ...view, session, areas: ['line-1'], rejected: refused } })
  expect(stage.all('.note-body')).toHaveLength(0)
  app.sheet.value = { kind: 'outbox' }
  await expect.element(page.getByText('Valve 3 drips, a pan stands below it.')).toBeVisible()
  await expect.element(page.getByText('The seal it was.')).toBeVisible()
  expect(page.getByRole('button', { name: 'Copy as text' }).elements()).toHaveLength(2)
  // There is nothing to open that they could write in.
  expect(page.getByRole('button', { name: 'Change and send again' }).elements()).toHaveLength(0)
  expect(page.getByRole('button', { name: 'Discard' }).elements()).toHaveLength(2)
})

test('a text is said to be copied when it is, and marked to be copied by hand where the clipboard takes none', async () => {
  const { clipboard } = navigator
  const given: string[] = []
  const use = (value: unknown): unknown => Object.defineProperty(navigator, 'clipboard', { value, configurable: true })
  try {
    use({ writeText: async (said: string) => void given.push(said) })
    await stage.show('note-refused')
    const copy = page.getByRole('button', { name: 'Copy as text' }).first()
    await copy.click()
    await expect.element(page.getByText('Copied.')).toBeVisible()
    expect(given).toEqual(['Valve 3 drips, a pan stands below it.'])
    expect(stage.root.textContent).not.toContain('Not saved.')
    for (const refusing of [{ writeText: () => Promise.reject(new DOMException('', 'NotAllowedError')) }, undefined]) {
      use(refusing)
      await stage.show('note-refused')
      await copy.click()
      await expect.element(page.getByRole('status').filter({ hasText: 'copy it by hand' })).toBeVisible()
      await expect.poll(() => getSelection()?.toString()).toBe('Valve 3 drips, a pan stands below it.')
    }
  } finally {
    use(clipboard)
  }
})

test('an address that leads to a note of a line that is not for them shows no other note in its place', async () => {
  const { view } = NOTE_SCENES['note'] ?? {}
  if (view === undefined) throw new Error('no scene')
  await stage.show('note', { view, hash: `#/line-1/notes/${NOTE}` })
  expect(stage.find('.note-page').textContent).toContain('Only its own people see this area')
  expect(stage.all('.note-body')).toHaveLength(0)
  await stage.show('notes-none', { hash: `#/line-3/notes/${NOTE}` })
  expect(stage.find('.note-page').textContent).toContain('There is no such note on this line.')
})

test('[J4] from the list of what was not accepted the way leads back into a note that may be written', async () => {
  const { app } = await stage.show('note-refused', { hash: '#/line-3/orders' })
  app.sheet.value = { kind: 'outbox' }
  await expect.element(page.getByText('Valve 3 drips, a pan stands below it.')).toBeVisible()
  await page.getByRole('button', { name: 'Change and send again' }).click()
  await page.getByRole('button', { name: 'Insert again' }).click()
  await expect.poll(() => lines().at(-1)).toBe('Valve 3 drips, a pan stands below it.')
})

const addendum = (n: number, words: string, code: ErrorCode = 'note-open') =>
  rejected(command(n, 'note.add', { area: 'line-3', note: NOTE, text: words }), code)
const adds = (heard: readonly WindowMessage[]) =>
  heard.flatMap((message) => (message.t === 'command' && message.type === 'note.add' ? [message.data] : []))
const withRefused = (scene: string, ...refused: readonly SettledCommand[]) => {
  const { view } = NOTE_SCENES[scene] ?? {}
  if (view === undefined) throw new Error('no scene')
  return { view: { ...view, rejected: refused } }
}

test('[J9] an addendum that was not taken goes back into its field, and stays kept until it is sent again', async () => {
  const { app, relay } = await stage.show(
    'note-accepted',
    withRefused('note-accepted', addendum(651, 'The seal it was.', 'rate-limited'), addendum(652, 'And the pump.')),
  )
  const field = page.getByLabelText('Addendum', { exact: true })
  await field.fill('Ordered.')
  await expect.element(page.getByRole('heading', { name: '2 addenda of yours were not taken' })).toBeVisible()
  await page.getByRole('button', { name: 'Insert again' }).click()
  await expect.element(field).toHaveValue('Ordered.\nThe seal it was.')
  await expect.element(page.getByRole('heading', { name: 'An addendum of yours was not taken' })).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Insert again' })).toBeDisabled()
  expect(app.rejected.value).toHaveLength(2)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect.poll(() => adds(relay.heard)).toMatchObject([{ text: 'Ordered.\nThe seal it was.' }])
  await expect.poll(() => relay.heard).toContainEqual(expect.objectContaining({ t: 'dismiss', id: id(651) }))
})

test('[J9] the list of what was not accepted leads back into the field of an addendum', async () => {
  const { app } = await stage.show('note-accepted', {
    ...withRefused('note-accepted', addendum(651, 'The seal it was.', 'rate-limited')),
    hash: '#/line-3/orders',
  })
  app.sheet.value = { kind: 'outbox' }
  await page.getByRole('button', { name: 'Change and send again' }).click()
  await expect.element(page.getByLabelText('Addendum', { exact: true })).toHaveValue('The seal it was.')
  expect(page.getByRole('button', { name: 'Insert again' }).elements()).toHaveLength(0)
})

test('[J9] an addendum to a note that is open after all is inserted into its text', async () => {
  const { relay } = await stage.show('note', withRefused('note', addendum(651, 'The seal it was.')))
  await expect.poll(lines).toContain('Chips emptied')
  await page.getByRole('button', { name: 'Insert again' }).click()
  await expect.poll(() => lines().at(-1)).toBe('The seal it was.')
  await expect.poll(() => relay.heard).toContainEqual(expect.objectContaining({ t: 'dismiss', id: id(651) }))
})

test('words of a moment ago are with the relay before their author is signed out', async () => {
  const { app, relay } = await stage.show('note')
  await expect.poll(lines).toContain('Chips emptied')
  putCaretBehind('Oil was low')
  document.execCommand('insertText', false, ' Last words.')
  await signOut(app)
  const said = relay.heard.flatMap((message) =>
    message.t === 'command' ? [message.type] : message.t === 'sign-out' ? [message.t] : [],
  )
  expect(said.lastIndexOf('note.update')).toBe(said.indexOf('sign-out') - 1)
})

test('a relay that hangs keeps nobody signed in', async () => {
  const { view } = NOTE_SCENES['note'] ?? {}
  if (view === undefined) throw new Error('no scene')
  // Without the server words gather for three seconds, which is longer than a busy machine needs here.
  const status = { ...view.status, state: 'waiting' as const }
  const { app, relay } = await stage.show('note', { view: { ...view, status } })
  await expect.poll(lines).toContain('Chips emptied')
  putCaretBehind('Oil was low')
  document.execCommand('insertText', false, ' Last words.')
  await expect.poll(lines).toContainEqual(expect.stringContaining('Last words.'))
  await painted()
  app.relay.command = () => ({ id: id(720), saved: new Promise(() => undefined) })
  void signOut(app)
  await expect.poll(() => relay.heard.map(({ t }) => t), { timeout: 30_000 }).toContain('sign-out')
})

test('[J4] words typed while others are inserted again do not make those stay', async () => {
  const { app } = await stage.show('note-refused')
  const given: ((reply: Reply) => void)[] = []
  app.relay.command = () => ({ id: id(730 + given.length), saved: new Promise((resolve) => given.push(resolve)) })
  await page.getByRole('button', { name: 'Insert again' }).click()
  await expect.poll(() => given.length).toBe(1)
  putCaretBehind('Oil was low')
  document.execCommand('insertText', false, ' Done.')
  await expect.poll(() => given.length).toBe(2)
  given[0]?.({ ok: true })
  await expect.poll(() => stage.all('.note-refused').length).toBe(0)
})

test('who was signed out from elsewhere finds their words again, and nobody else sends or sees them', async () => {
  const { view } = NOTE_SCENES['note'] ?? {}
  if (view === undefined) throw new Error('no scene')
  // Without the server words gather for three seconds, which is longer than a busy machine needs here.
  const status = { ...view.status, state: 'waiting' as const }
  const { app, relay } = await stage.show('note', { view: { ...view, status } })
  const { channels } = view
  await expect.poll(lines).toContain('Chips emptied')
  putCaretBehind('Oil was low')
  document.execCommand('insertText', false, ' A pan stands below.')
  await expect.poll(lines).toContainEqual(expect.stringContaining('A pan stands below.'))
  await painted()
  relay.tell({ t: 'session', session: { ...SESSION, id: 'lee-1' as never, operator: 'lee' }, areas: ['line-3'] })
  await expect.poll(() => app.session.value?.operator).toBe('lee')
  await expect.poll(() => lines().join('\n')).not.toContain('A pan stands below.')
  await expect.poll(lines).toContain('Chips emptied')
  expect(stage.all('.note-refused')).toHaveLength(0)
  relay.passTo({ ...SESSION, id: 'kim-2' as never }, channels)
  await expect.element(page.getByRole('button', { name: 'Insert again' })).toBeVisible()
  expect(stage.find('.note-refused-text').textContent).toContain('A pan stands below.')
  expect(updates(relay.heard)).toEqual([])
  await page.getByRole('button', { name: 'Insert again' }).click()
  await expect.poll(() => lines().at(-1)).toContain('below')
  expect(stage.all('.note-refused')).toHaveLength(0)
})

test('[J9] what is taken over is what stands on the screen: until all of it is here, nothing is', async () => {
  const { view } = NOTE_SCENES['note-signed'] ?? {}
  const name = noteChannel('line-3', NOTE)
  if (view === undefined) throw new Error('no scene')
  const channels = view.channels.map((each) => (each.channel === name ? { ...each, records: {} } : each))
  await stage.show('note-signed', { view: { ...view, channels } })
  await expect.element(page.getByText('What lee hands over is not all here yet.')).toBeVisible()
  expect(page.getByRole('button', { name: 'Take over' }).elements()).toHaveLength(0)

  const { relay } = await stage.show('note-signed')
  await page.getByRole('button', { name: 'Take over' }).click()
  const accepted = relay.heard.filter((message) => message.t === 'command' && message.type === 'note.accept')
  expect(accepted).toMatchObject([
    { data: { hash: '07da41b7479159dc5f58e97f5dbf7e304747543a8b90b9e34533af36da040cd5' } },
  ])
})

test('[J9] what is handed over is what stands on the screen', async () => {
  const { relay } = await stage.show('note')
  await page.getByRole('button', { name: 'Hand over' }).click()
  const signed = () => relay.heard.filter((message) => message.t === 'command' && message.type === 'note.sign')
  await expect
    .poll(signed)
    .toMatchObject([{ data: { hash: '07da41b7479159dc5f58e97f5dbf7e304747543a8b90b9e34533af36da040cd5' } }])
})

test('a note that took no more is gone on with in another, though nobody took it over', async () => {
  const { relay } = await stage.show('note-refused')
  const goOn = (): boolean => stage.all('.note-footer button').some((it) => it.textContent?.includes('Go on in'))
  expect(goOn()).toBe(false)
  const refusal = refusedChange(661, 'One word too many.')
  relay.tell({ t: 'settled', settled: { ...refusal, code: 'note-full' } })
  await expect.poll(goOn).toBe(true)
})

test('what can be done with words that were not taken is in sight, also below a banner', async () => {
  await stage.show('note-refused')
  await expect.poll(lines).toContain('Chips emptied')
  const section = stage.find('.note-refused').getBoundingClientRect()
  const again = page.getByRole('button', { name: 'Insert again' }).element().getBoundingClientRect()
  expect(again.bottom).toBeLessThanOrEqual(section.bottom)
})

test('of many notes that somebody opens one after the other, a window holds the one on the screen', async () => {
  const { app, relay } = await stage.show('notes')
  const names = app.notes.value.map(({ note }) => note)
  expect(names.length).toBeGreaterThan(3)
  for (const note of names) {
    go(app, 'notes', 'line-3', note)
    await expect.poll(() => stage.all('.note-top h1').map(({ textContent }) => textContent)).toEqual([noteTitle(note)])
    await expect.poll(() => stage.all('.note-body').length).toBe(1)
  }
  const shown = relay.heard.findLast(({ t }) => t === 'show')
  const held = shown?.t === 'show' ? shown.channels.filter((each) => each.startsWith('note/')) : []
  expect(held).toEqual([noteChannel('line-3', names.at(-1) ?? '')])
  expect(app.gathering.size).toBe(1)
})

test('[J9] a note that was taken over is read, not written, and takes addenda', async () => {
  const { relay } = await stage.show('note-accepted')
  await expect.element(page.getByText(/SHA-256/)).toBeVisible()
  expect(stage.find('.note-body').contentEditable).toBe('false')
  await page.getByLabelText('Addendum').fill('Ordered two more.')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect
    .poll(() => relay.heard)
    .toContainEqual(
      expect.objectContaining({ type: 'note.add', data: expect.objectContaining({ text: 'Ordered two more.' }) }),
    )
})
