/** New commands: checked, numbered, saved; only then "saved". */
import { check, checkCommand } from '../protocol/check.ts'
import { COMMANDS } from '../protocol/commands.ts'
import { refuse, type Refusal } from '../protocol/errors.ts'
import { CommandId } from '../protocol/ids.ts'
import { LANES, type Lane } from '../protocol/lanes.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { PendingCommand } from '../protocol/local.ts'
import type { Row, Write } from '../ports.ts'
import { answer } from './answers.ts'
import { findArrival, takeAnswered, type Arrival } from './arrivals.ts'
import { announce } from './bus.ts'
import type { Input, Origin } from './inputs.ts'
import { headSize, type Entry } from './lane.ts'
import { dropRefused, save, saveOrRefuse } from './ledger.ts'
import { heldCount, metaWrite, pendingView, show, tellPending } from './outbox.ts'
import { onlyKey, read } from './query.ts'
import { mayShow } from './reading.ts'
import { deleteRef, putRef, recentRef, removeRef, resultOf } from './refs.ts'
import { outboxKey, pendingRef, pendingWrites, type OutboxRow, type RefRow } from './rows.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

type Submitted = Extract<Input, { kind: 'submitted' }>

/** Takes a command in. A known reference is answered as what became of it, and never sent twice. */
export function submit(state: EngineState, turn: Turn, input: Submitted): void {
  const { outbox } = state
  const { origin, ref } = input
  const known = recentRef(outbox.refs, ref)
  if (known !== undefined && known !== null) return repeat(state, turn, { origins: [origin], ref }, known)
  const same = findArrival(outbox, ref)
  if (same !== undefined) {
    same.origins = [...same.origins, origin]
    return
  }
  const made = accept(state, turn, input)
  const lane = 'ok' in made ? 'normal' : made.lane
  // At once, marked as not yet saved: an alert must not wait for the disk to be seen in this room (P3).
  const isEarly = origin.kind === 'window' && !('ok' in made)
  const early: PendingCommand | null = isEarly ? earlyView(made) : null
  if (early !== null && mayShow(early, state.sessions.current)) {
    announce(state.bus, turn, { t: 'pending', command: early })
  }
  const answered = known === null ? 'unknown' : 'awaited'
  const asOf = state.ledger.durable
  arrive(state, turn, {
    ref,
    lane,
    from: origin.kind,
    made,
    origins: [origin],
    also: [],
    early,
    answer: answered,
    asOf,
  })
  if (answered === 'awaited')
    read(turn, { kind: 'arrival', lane, ref }, { table: 'refs', range: onlyKey(ref) }, 'refuse')
}

/** Puts a command in its line; it goes on at once if nothing is before it and nothing has to be read. */
export function arrive(state: EngineState, turn: Turn, arrival: Arrival): void {
  state.outbox.arriving[arrival.lane].set(arrival.ref, arrival)
  if (arrival.answer !== 'awaited') goOn(state, turn, arrival.lane)
}

/** What the disk knows of a reference; `null` when it could not be read. */
export function arrivalRead(
  state: EngineState,
  turn: Turn,
  { lane, ref }: { readonly lane: Lane; readonly ref: string },
  rows: readonly Row[] | null,
): void {
  const arrival = state.outbox.arriving[lane].get(ref)
  if (arrival === undefined) return
  arrival.answer = rows === null ? 'unreadable' : ((rows[0]?.value as RefRow | undefined) ?? 'unknown')
  goOn(state, turn, lane)
}

function goOn(state: EngineState, turn: Turn, lane: Lane): void {
  const { refs } = state.outbox
  for (const arrival of takeAnswered(state.outbox, lane)) {
    // Memory is newer than what a read may have seen.
    const recent = recentRef(refs, arrival.ref)
    const known = recent !== undefined ? recent : typeof arrival.answer === 'object' ? arrival.answer : null
    const { made } = arrival
    if (known !== null) repeat(state, turn, arrival, known)
    else if ('ok' in made) for (const origin of arrival.origins) answer(turn, origin, made)
    else if (arrival.answer === 'unreadable') refuseArrival(state, turn, arrival)
    else admit(state, turn, arrival, made)
  }
}

function admit(state: EngineState, turn: Turn, arrival: Arrival, made: Omit<OutboxRow, 'seq'>): void {
  const { from, origins, also, early } = arrival
  const lane = state.outbox.lanes[made.lane]
  const row: OutboxRow = { ...made, seq: lane.next }
  const entry: Entry = {
    row,
    volume: state.outbox.volume,
    status: 'saving',
    settled: null,
    notice: null,
    from,
    origins,
  }
  enqueue(state, turn, entry, also)
  if (early === null) tellPending(state, turn, entry)
  else show(lane, entry)
}

function refuseArrival(state: EngineState, turn: Turn, { origins, early }: Arrival): void {
  const refusal = refuse('storage-failed')
  for (const origin of origins) answer(turn, origin, refusal)
  if (early !== null) tellRefused(state, turn, early, refusal)
}

/** Numbers a command and writes it, with `also` in the same write. The relay's own are written until it succeeds. */
export function enqueue(state: EngineState, turn: Turn, entry: Entry, also: readonly Write[] = []): void {
  const { outbox, ledger } = state
  const { row } = entry
  const lane = outbox.lanes[row.lane]
  lane.next = row.seq + 1
  lane.held += 1
  lane.entries.set(row.seq, entry)
  outbox.byId.set(row.id, entry)
  const writes = [...pendingWrites(entry), metaWrite(outbox, turn.now), ...also]
  const then = { kind: 'commandSaved', id: row.id } as const
  if (entry.from === 'relay') save(ledger, turn, writes, then)
  else putRef(outbox.refs, row.ref, pendingRef(row), saveOrRefuse(ledger, turn, writes, then))
}

/** The row is durable: it may be sent, and its maker is told. It stays in memory only if it is soon to be sent. */
export function commandSaved(state: EngineState, turn: Turn, id: CommandId): void {
  const { outbox, paging } = state
  const entry = outbox.byId.get(id)
  // Twice for the relay's own, when the disk failed and they were numbered anew.
  if (entry?.status !== 'saving') return
  const { row, origins } = entry
  const lane = outbox.lanes[row.lane]
  entry.status = 'saved'
  entry.origins = []
  // Not of this lane any more if the outbox was restarted meanwhile; saved it is all the same, and its review finds it.
  const isOfLane = lane.entries.get(row.seq) === entry
  if (isOfLane) lane.savedUpTo = Math.max(lane.savedUpTo, row.seq)
  const isNext = isOfLane && !lane.isLoading && row.seq === lane.loadedUpTo + 1 && headSize(lane) < paging.head
  if (isNext) lane.loadedUpTo = row.seq
  origins.forEach((origin, index) => tellSaved(turn, origin, { ref: row.ref, id, repeated: index > 0 }))
  if (isOfLane && lane.shown.has(row.seq)) tellPending(state, turn, entry)
  if (isNext) return
  outbox.byId.delete(id)
  if (isOfLane) lane.entries.delete(row.seq)
}

/**
 * The disk refused: every command that is not durable is refused to its maker, and its number given back. Numbers of the
 * relay's own commands behind them move up, so that the lane has no hole.
 */
export function refuseUnsaved(state: EngineState, turn: Turn): void {
  const { outbox, ledger } = state
  dropRefused(ledger)
  const lost = [...outbox.byId.values()].filter((entry) => entry.status === 'saving' && isRefusable(state, entry))
  for (const name of LANES) {
    const lane = outbox.lanes[name]
    for (let seq = lane.savedUpTo + 1; seq < lane.next; seq += 1) lane.entries.delete(seq)
    for (let seq = lane.savedUpTo + 1; seq < lane.next; seq += 1) lane.shown.delete(seq)
    lane.held -= lane.next - 1 - lane.savedUpTo
    lane.next = lane.savedUpTo + 1
    lane.first = Math.min(lane.first, lane.next)
    lane.unanswered = Math.min(lane.unanswered, lane.next)
    lane.cursor = Math.min(lane.cursor, lane.next)
  }
  // A write that failed may have reached the disk all the same; this makes the disk agree with what people were told.
  const undo: Write[] = []
  for (const { row, volume, from } of lost) {
    outbox.byId.delete(row.id)
    undo.push({ op: 'delete', table: 'outbox', key: outboxKey(row.lane, row.seq, volume) })
    if (from !== 'relay') undo.push(deleteRef(row.ref))
  }
  if (undo.length > 0) {
    const token = save(ledger, turn, [...undo, metaWrite(outbox, turn.now)])
    for (const { row, from } of lost) if (from !== 'relay') removeRef(outbox.refs, row.ref, token)
  }
  for (const entry of lost) {
    if (entry.from !== 'relay') {
      refuseEntry(state, turn, entry)
      continue
    }
    const row = { ...entry.row, seq: outbox.lanes[entry.row.lane].next }
    enqueue(state, turn, { ...entry, row, volume: outbox.volume })
  }
}

/** All but the relay's own of an epoch that was given up: those are still being written, and reviewed then. */
function isRefusable({ outbox }: EngineState, { from, volume }: Entry): boolean {
  return from !== 'relay' || volume === outbox.volume
}

function refuseEntry(state: EngineState, turn: Turn, entry: Entry): void {
  const refusal = refuse('storage-failed')
  for (const origin of entry.origins) answer(turn, origin, refusal)
  entry.origins = []
  tellRefused(state, turn, pendingView(entry), refusal)
}

/** Windows were told of it too early: it never was. */
function tellRefused(state: EngineState, turn: Turn, command: PendingCommand, { code, message }: Refusal): void {
  if (!mayShow(command, state.sessions.current)) return
  const settled = { command, outcome: 'rejected', code, message, data: null, offsets: {} } as const
  announce(state.bus, turn, { t: 'settled', settled })
}

function repeat(
  state: EngineState,
  turn: Turn,
  { origins, ref, early = null }: Pick<Arrival, 'origins' | 'ref'> & Partial<Pick<Arrival, 'early'>>,
  known: RefRow,
): void {
  const entry = state.outbox.byId.get(known.id)
  if (entry?.status === 'saving') {
    entry.origins = [...entry.origins, ...origins]
    return
  }
  for (const origin of origins) {
    tellSaved(turn, origin, { ref, id: known.id, repeated: true })
    const result = origin.kind === 'host' ? resultOf(ref, known) : null
    if (result !== null) turn.effects.push({ kind: 'observe', observation: result })
  }
  if (early !== null) correctEarly(state, turn, early, known)
}

/** Windows were told that this is new; it is not. */
function correctEarly(state: EngineState, turn: Turn, early: PendingCommand, known: RefRow): void {
  if (!mayShow(early, state.sessions.current)) return
  const command = { ...early, saved: true }
  if (known.settled === undefined) return announce(state.bus, turn, { t: 'pending', command })
  const { outcome, code, message, data, offsets } = known.settled
  const settled = { command: known.settled.command ?? command, outcome, code, message, data, offsets }
  announce(state.bus, turn, { t: 'settled', settled })
  if (known.seenAt !== undefined) announce(state.bus, turn, { t: 'dismissed', id: known.id })
}

function tellSaved(
  turn: Turn,
  origin: Origin,
  { ref, id, repeated }: { readonly ref: string; readonly id: CommandId; readonly repeated: boolean },
): void {
  answer(turn, origin, { ok: true, value: { id, repeated } })
  if (origin.kind === 'host') turn.effects.push({ kind: 'observe', observation: { kind: 'saved', ref, id } })
}

function earlyView(made: Omit<OutboxRow, 'seq'>): PendingCommand {
  const { id, type, data, lane, session, by, madeAt } = made
  return { id, type, data, lane, session, by, madeAt, saved: false, notice: null }
}

/** The checks that need no server. The server checks again: rights are those of the moment it is applied. */
function accept(state: EngineState, turn: Turn, input: Submitted): Omit<OutboxRow, 'seq'> | Refusal {
  const id = check(CommandId, input.id, 'bad-command')
  if (!id.ok) return refuse('bad-command', 'The id of a command is a UUID in lower case.')
  if (state.outbox.byId.has(id.value)) return refuse('bad-command', 'Another command has this id.')
  const typed = checkCommand(input.type, input.data)
  if (!typed.ok) return typed
  const { type, data } = typed.value
  if (isLargerThan(JSON.stringify(data), LIMITS.maxCommandBytes)) return refuse('command-too-large')
  const author = state.sessions.current
  if (COMMANDS[type].author === 'operator' && author === null) return refuse('sign-in-needed')
  if (heldCount(state.outbox) >= LIMITS.maxOutboxCommands) return refuse('outbox-full')
  const { lane } = COMMANDS[type]
  return {
    id: id.value,
    ref: input.ref,
    lane,
    type,
    data,
    session: author?.id ?? null,
    by: author?.operator ?? null,
    madeAt: turn.wall,
    from: input.origin.kind,
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
