/** Handover notes: a list of them, one that is written, one that was taken over, and what was not taken of one. */
import * as Y from 'yjs'
import { base64Of } from '../../relay/documents/base64.ts'
import type { BlockKind, ChipKind } from '../../relay/documents/schema.ts'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { NotePiece, NoteRecord } from '../../relay/protocol/notes.ts'
import { noteChannel, noteKey } from '../../relay/protocol/notes.ts'
import {
  alert,
  command,
  EPOCH,
  id,
  LIVE,
  order,
  ORDERS,
  rejected,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import type { ChannelView, SettledCommand } from '../../relay/protocol/local.ts'
import type { Scene } from './scenes.ts'

const AREA = 'line-3'
export const NOTE = '2026-11-20-late'
/** Of `TEXT`, as whoever reads it counts it. */
const HASH = '07da41b7479159dc5f58e97f5dbf7e304747543a8b90b9e34533af36da040cd5'
const at = (minute: number): string => `2026-11-20T13:${String(minute).padStart(2, '0')}:00.000Z`
const deed = (by: string, minute: number) => ({ by, on: 'press-2', at: at(minute) })

function record(note: string, over: Partial<NoteRecord> = {}): NoteRecord {
  const begun = { signed: null, isChanged: false, accepted: null, addenda: [] }
  return { area: AREA, note, opened: deed('kim', 0), ...begun, ...over }
}

interface Block {
  readonly kind?: BlockKind
  readonly done?: true
  readonly words: string
  readonly chip?: { readonly of: ChipKind; readonly id: string; readonly label: string }
}

/** The same number for every copy of a scene, so that pictures compare. */
const WRITER = 4_711

export function updateOf(blocks: readonly Block[]): string {
  const doc = new Y.Doc()
  doc.clientID = WRITER
  for (const { kind, done, words, chip } of blocks) {
    const block = new Y.XmlElement<Record<string, string | boolean>>('block')
    doc.getXmlFragment('note').push([block as unknown as Y.XmlElement])
    if (kind !== undefined) block.setAttribute('kind', kind)
    if (done !== undefined) block.setAttribute('done', done)
    const text = new Y.XmlText()
    block.insert(0, [text])
    text.insert(0, words)
    if (chip === undefined) continue
    const element = new Y.XmlElement('chip')
    block.insert(1, [element])
    for (const [name, value] of Object.entries(chip)) element.setAttribute(name, value)
  }
  return base64Of(Y.encodeStateAsUpdate(doc))
}

const TEXT = updateOf([
  { kind: 'heading', words: 'Press 2' },
  { words: 'Oil was low at ten, filled up with two litres. 밸브 점검 필요합니다.' },
  { kind: 'item', words: 'Tool 4 changed after 12,000 strokes' },
  { kind: 'item', words: 'Guard door opens hard, maintenance knows' },
  { kind: 'check', done: true, words: 'Chips emptied' },
  { kind: 'check', words: 'Check the seal again at eight ' },
  { words: 'See ', chip: { of: 'order', id: id(30), label: 'WO-30' } },
  { words: 'and ', chip: { of: 'alert', id: id(12), label: 'Hydraulic pressure low · Press 2' } },
])

/** The channels of the line, a note's text among them. */
export function noteChannels(records: readonly NoteRecord[], updates: readonly string[] = []): readonly ChannelView[] {
  const pieces = updates.map((update, n): NotePiece => ({ set: id(600 + n), part: 0, of: 1, update }))
  const notes = stateChannel(channelName('notes', AREA), 9)
  const text = stateChannel(noteChannel(AREA, NOTE), 9)
  const keyed = <T>(channel: ChannelView, key: (each: T, n: number) => string, all: readonly T[]): ChannelView => ({
    ...channel,
    records: Object.fromEntries(all.map((each, n) => [key(each, n), { offset: n + 1, record: each }])),
  })
  return [
    stateChannel(URGENT_CHANNEL, 40, [alert(12, { priority: 'P1', title: 'Hydraulic pressure low · Press 2' })]),
    stateChannel(channelName('alerts', AREA), 40),
    stateChannel(ORDERS, 40, [order(30, { title: 'Bracket left', status: 'running' })]),
    keyed(notes, ({ note }: NoteRecord) => noteKey(AREA, note), records),
    keyed(text, ({ set }: NotePiece) => set, pieces),
  ].map((channel) => ({ ...channel, confirmedAt: Date.now() }))
}

export function noteScene(
  channels: readonly ChannelView[],
  over: { readonly rejected?: readonly SettledCommand[]; readonly isOpen?: boolean } = {},
): Scene {
  const { rejected: refused = [], isOpen = true } = over
  return {
    hash: isOpen ? `#/${AREA}/notes/${NOTE}` : `#/${AREA}/notes`,
    view: view(10, { deviceName: 'line-3-east', status: LIVE, channels, rejected: refused }),
  }
}

const ALL = [
  record(NOTE),
  record('2026-11-20-early', { signed: { ...deed('lee', 5), hash: HASH } }),
  record('2026-11-19-night', { signed: { ...deed('park', 1), hash: HASH }, isChanged: true }),
  record('2026-11-19-late', {
    signed: { ...deed('kim', 1), hash: HASH },
    accepted: { ...deed('lee', 6), hash: HASH },
    addenda: [{ id: id(640), text: 'The seal it was.', ...deed('kim', 30) }],
  }),
]
const DONE = record(NOTE, {
  signed: { ...deed('kim', 50), hash: HASH },
  accepted: { ...deed('lee', 58), hash: HASH },
  addenda: [{ id: id(640), text: 'It was the seal. New ones are ordered.', ...deed('lee', 59) }],
})

/** A change of this note that was not taken. */
export function refusedChange(n: number, words: string): SettledCommand {
  const update = updateOf([{ words }])
  const data = { area: AREA, note: NOTE, epoch: EPOCH, update }
  return rejected(command(n, 'note.update', data), 'note-base-missing')
}

export const NOTE_SCENES: Readonly<Record<string, Scene>> = {
  notes: noteScene(noteChannels(ALL), { isOpen: false }),
  'notes-none': noteScene(noteChannels([]), { isOpen: false }),
  note: noteScene(noteChannels([record(NOTE)], [TEXT])),
  'note-signed': noteScene(noteChannels([record(NOTE, { signed: { ...deed('lee', 50), hash: HASH } })], [TEXT])),
  'note-accepted': noteScene(noteChannels([DONE], [TEXT])),
  'note-refused': noteScene(noteChannels([record(NOTE)], [TEXT]), {
    rejected: [refusedChange(650, 'Valve 3 drips, a pan stands below it.')],
  }),
}
