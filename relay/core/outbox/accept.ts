/** The checks of a new command that need no server. The server checks again: rights are those of the moment it is applied. */
import { check, checkCommand } from '../../protocol/check.ts'
import { COMMANDS, type CommandRow } from '../../protocol/commands.ts'
import { refuse, type Refusal } from '../../protocol/errors.ts'
import { CommandId } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { Person } from '../../protocol/local.ts'
import type { OutboxRow } from '../disk/rows.ts'
import { refuseFiles } from '../files/keeping.ts'
import { knows } from '../link/link.ts'
import type { Input } from '../step/inputs.ts'
import type { Turn } from '../step/turn.ts'
import { heldCount } from './counts.ts'
import type { OutboxState } from './slice.ts'

export type Submitted = Extract<Input, { kind: 'submitted' }>

/** The command without its number, author and moment included; or why it cannot be taken. */
export function accept(outbox: OutboxState, turn: Turn, input: Submitted): Omit<OutboxRow, 'seq'> | Refusal {
  const id = check(CommandId, input.id, 'bad-command')
  if (!id.ok) return refuse('bad-command', 'The id of a command is a UUID in lower case.')
  if (outbox.byId.has(id.value)) return refuse('bad-command', 'Another command has this id.')
  const typed = checkCommand(input.type, input.data)
  if (!typed.ok) return typed
  const { type, data } = typed.value
  if (isLargerThan(JSON.stringify(data), LIMITS.maxCommandBytes)) return refuse('command-too-large')
  const row: CommandRow = COMMANDS[type]
  const author = authorOf(turn, input, row)
  if (row.author === 'operator' && author === null) return refuse('sign-in-needed')
  if (input.origin.kind === 'window' && row.ofItself !== undefined && !knows(turn.link, row.ofItself))
    return refuse('unknown-command', `This server does not carry out "${type}".`)
  const missing = refuseFiles(turn.files, type, data)
  if (missing !== null) return missing
  if (heldCount(outbox) >= LIMITS.maxOutboxCommands) return refuse('outbox-full')
  const { lane } = row
  return {
    id: id.value,
    ref: input.ref,
    lane,
    type,
    data,
    session: author?.session ?? null,
    by: author?.operator ?? null,
    madeAt: turn.wall,
    from: input.origin.kind,
  }
}

/**
 * Whose it is: never somebody's who came after it was given. A window hears of who is signed in a moment late, and names who it
 * still shows. What a device may do without a person, a call for help above all, is the device's own then.
 */
function authorOf({ people }: Turn, { as }: Submitted, { author }: CommandRow): Person | null {
  const { current } = people
  if (as === undefined || as.operator === current?.operator)
    return current === null ? null : { session: current.id, operator: current.operator }
  return author === 'device' ? null : as
}

/** Whether the author of a command is not the one who is signed in any more. */
export function isLate({ people }: Turn, made: Omit<OutboxRow, 'seq'>): boolean {
  return made.by !== null && made.by !== people.current?.operator
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
