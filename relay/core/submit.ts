/** New commands: checked, numbered, saved; only then "saved". */
import { check, checkCommand } from '../protocol/check.ts'
import { COMMANDS } from '../protocol/commands.ts'
import { refuse, type Refusal } from '../protocol/errors.ts'
import { CommandId } from '../protocol/ids.ts'
import { LANES } from '../protocol/lanes.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { Write } from '../ports.ts'
import { answer } from './answers.ts'
import { announce } from './bus.ts'
import type { Input, Origin } from './inputs.ts'
import type { Entry } from './lane.ts'
import { dropRefused, save, saveOrRefuse } from './ledger.ts'
import { metaWrite, pendingView, tellPending } from './outbox.ts'
import { mayShow } from './reading.ts'
import { putRef, removeRef, resultOf } from './refs.ts'
import { outboxKey, type OutboxRow, type RefRow } from './rows.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

type Submitted = Extract<Input, { kind: 'submitted' }>

/** Takes a command in. A known reference is answered as what became of it, and never sent twice. */
export function submit(state: EngineState, turn: Turn, input: Submitted): void {
  const known = state.outbox.refs.rows.get(input.ref)
  if (known !== undefined) return repeat(state, turn, input, known)
  const row = accept(state, turn, input)
  if ('ok' in row) return answer(turn, input.origin, row)
  const entry: Entry = {
    row,
    status: 'saving',
    settled: null,
    notice: null,
    from: input.origin.kind,
    origins: [input.origin],
  }
  enqueue(state, turn, entry)
  // At once, marked as not yet saved: an alert must not wait for the disk to be seen in this room (P3).
  tellPending(state, turn, entry)
}

/** Numbers a command and writes it, with `also` in the same write. The relay's own are written until it succeeds. */
export function enqueue(state: EngineState, turn: Turn, entry: Entry, also: readonly Write[] = []): void {
  const { outbox, ledger } = state
  const { row } = entry
  const lane = outbox.lanes[row.lane]
  lane.next = row.seq + 1
  lane.entries.set(row.seq, entry)
  outbox.byId.set(row.id, entry)
  const writes: Write[] = [
    { op: 'put', table: 'outbox', key: outboxKey(row.lane, row.seq), value: row },
    metaWrite(outbox),
    ...also,
  ]
  const then = { kind: 'commandSaved', id: row.id } as const
  if (entry.from === 'relay') {
    save(ledger, turn, writes, then)
    return
  }
  const ref: RefRow = { id: row.id, lane: row.lane, seq: row.seq, from: entry.from, savedAt: turn.wall }
  putRef(outbox.refs, row.ref, ref)
  saveOrRefuse(ledger, turn, [...writes, { op: 'put', table: 'refs', key: row.ref, value: ref }], then)
}

/** The row is durable: it may be sent, and its maker is told. */
export function commandSaved(state: EngineState, turn: Turn, id: CommandId): void {
  const entry = state.outbox.byId.get(id)
  if (entry === undefined) return
  const { row, origins } = entry
  const lane = state.outbox.lanes[row.lane]
  // Not of this lane any more if the outbox was restarted meanwhile; saved it is all the same.
  if (lane.entries.get(row.seq) === entry) lane.savedUpTo = Math.max(lane.savedUpTo, row.seq)
  const wasSaving = entry.status === 'saving'
  if (wasSaving) entry.status = 'saved'
  entry.origins = []
  origins.forEach((origin, index) => tellSaved(turn, origin, row.ref, id, index > 0))
  if (wasSaving) tellPending(state, turn, entry)
}

/**
 * The disk refused: every command that is not durable is refused to its maker, and its number given back. Numbers of the
 * relay's own commands behind them move up, so that the lane has no hole.
 */
export function refuseUnsaved(state: EngineState, turn: Turn): void {
  const { outbox, ledger } = state
  dropRefused(ledger)
  const lost: Entry[] = []
  const undo: Write[] = []
  for (const name of LANES) {
    const lane = outbox.lanes[name]
    for (let seq = lane.savedUpTo + 1; seq < lane.next; seq += 1) {
      const entry = lane.entries.get(seq)
      if (entry !== undefined) lost.push(entry)
      lane.entries.delete(seq)
      undo.push({ op: 'delete', table: 'outbox', key: outboxKey(name, seq) })
    }
    lane.next = lane.savedUpTo + 1
    lane.first = Math.min(lane.first, lane.next)
    lane.unanswered = Math.min(lane.unanswered, lane.next)
    lane.cursor = Math.min(lane.cursor, lane.next)
  }
  for (const entry of outbox.byId.values()) {
    // Rejected by a restart of the outbox before it was saved: its maker still waits for an answer.
    if (entry.status === 'settling' && entry.origins.length > 0) refuseEntry(state, turn, entry)
  }
  for (const entry of lost) {
    outbox.byId.delete(entry.row.id)
    if (entry.from !== 'relay') undo.push(removeRef(outbox.refs, entry.row.ref))
  }
  // A write that failed may have reached the disk all the same; this makes the disk agree with what people were told.
  if (undo.length > 0) save(ledger, turn, [...undo, metaWrite(outbox)])
  for (const entry of lost) {
    if (entry.from !== 'relay') refuseEntry(state, turn, entry)
    else enqueue(state, turn, { ...entry, row: { ...entry.row, seq: outbox.lanes[entry.row.lane].next } })
  }
}

function refuseEntry(state: EngineState, turn: Turn, entry: Entry): void {
  const refusal = refuse('storage-failed')
  for (const origin of entry.origins) answer(turn, origin, refusal)
  entry.origins = []
  if (entry.status === 'settling') return
  const command = pendingView(entry)
  if (!mayShow(command, state.sessions.current)) return
  const { code, message } = refusal
  announce(state.bus, turn, {
    t: 'settled',
    settled: { command, outcome: 'rejected', code, message, data: null, offsets: {} },
  })
}

function repeat(state: EngineState, turn: Turn, input: Submitted, known: RefRow): void {
  const entry = state.outbox.byId.get(known.id)
  if (entry?.status === 'saving') {
    entry.origins = [...entry.origins, input.origin]
    return
  }
  tellSaved(turn, input.origin, input.ref, known.id, true)
  const result = input.origin.kind === 'host' ? resultOf(input.ref, known) : null
  if (result !== null) turn.effects.push({ kind: 'observe', observation: result })
}

function tellSaved(turn: Turn, origin: Origin, ref: string, id: CommandId, repeated: boolean): void {
  answer(turn, origin, { ok: true, value: { id, repeated } })
  if (origin.kind === 'host') turn.effects.push({ kind: 'observe', observation: { kind: 'saved', ref, id } })
}

/** The checks that need no server. The server checks again: rights are those of the moment it is applied. */
function accept(state: EngineState, turn: Turn, input: Submitted): OutboxRow | Refusal {
  const id = check(CommandId, input.id, 'bad-command')
  if (!id.ok) return refuse('bad-command', 'The id of a command is a UUID in lower case.')
  if (state.outbox.byId.has(id.value)) return refuse('bad-command', 'Another command has this id.')
  const typed = checkCommand(input.type, input.data)
  if (!typed.ok) return typed
  const { type, data } = typed.value
  if (isLargerThan(JSON.stringify(data), LIMITS.maxCommandBytes)) return refuse('command-too-large')
  const author = state.sessions.current
  if (COMMANDS[type].author === 'operator' && author === null) return refuse('sign-in-needed')
  if (state.outbox.byId.size >= LIMITS.maxOutboxCommands) return refuse('outbox-full')
  const { lane } = COMMANDS[type]
  return {
    id: id.value,
    ref: input.ref,
    lane,
    seq: state.outbox.lanes[lane].next,
    type,
    data,
    session: author?.id ?? null,
    by: author?.operator ?? null,
    madeAt: turn.wall,
  }
}

/** Whether a text has more bytes of UTF-8 than that. */
function isLargerThan(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return false
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes > maxBytes
}
