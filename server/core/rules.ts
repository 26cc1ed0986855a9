import { checkCommand, type Checked } from '../../relay/protocol/check.ts'
import { COMMANDS, mayTravelIn, type TypedCommand } from '../../relay/protocol/commands.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { SYSTEM } from '../../relay/protocol/record-words.ts'
import { nameFrom } from '../../relay/protocol/plain-text.ts'
import type { Handler, Handlers } from '../domain/handler.ts'
import type { Actor, Author, CommandRules, Decision, Now, RecordKey, Records } from '../ports/rules.ts'
import type { ApiKeyRow, DeviceRow } from '../ports/site.ts'
import { lateAuthors } from './late-authors.ts'
import { createRejectionRules } from './rejections.ts'

/** The rules of a server composed of these domains; run by the store inside its transaction. */
export function createRules(handlers: Handlers): CommandRules {
  const rules: Omit<CommandRules, 'rejections'> = {
    late: lateAuthors,
    mayTravelIn,
    check(type, data): Checked<TypedCommand> {
      const checked = checkCommand(type, data)
      if (checked.ok && handlers[checked.value.type] === undefined)
        return refuse('unknown-command', `This server does not carry out "${type}".`)
      return checked
    },
    actorOfDevice,
    actorOfKey,
    actorOfSystem: ACTOR_OF_SYSTEM,
    reads(command, id, operator): readonly RecordKey[] {
      return handlerOf(handlers, command).reads(command.data, id, operator)
    },
    asksOf(command): readonly string[] {
      return handlerOf(handlers, command).asksOf?.(command.data) ?? []
    },
    decide(records: Records, command: TypedCommand, now: Now): Decision {
      return handlerOf(handlers, command).decide(records, command.data, now)
    },
  }
  return { ...rules, rejections: createRejectionRules(rules) }
}

/** Of a command, where the table's words speak of the session itself. */
const KEPT_FOR_REVIEW = 'The session was ended everywhere, so this was kept for review instead of being carried out.'
const LATE = 'This was done after the session had ended, so it was kept for review instead of being carried out.'

/**
 * W8: the device of the connection, and the author session — opened on this device and not revoked — with the rights the
 * person has now. A session that was signed out or ran out still authors what was queued before, and nothing after that (W11).
 */
function actorOfDevice(command: TypedCommand, device: DeviceRow, author: Author | null): Checked<Actor> {
  if (device.status === 'revoked') return refuse('device-revoked')
  // Stored by an older server it may be anything; it is written into records that people read.
  const name = nameFrom(device.name, LIMITS.maxName)
  const base = { on: name, source: device.id, device: device.id, deviceAreas: device.areas }
  if (author === null) {
    if (COMMANDS[command.type].author === 'operator') return refuse('sign-in-needed')
    return {
      ok: true,
      value: {
        ...base,
        by: `device:${name}`,
        operator: null,
        session: null,
        role: 'device',
        areas: device.areas,
      },
    }
  }
  const { session, operator, isLate } = author
  if (session === null || session.device !== device.id) return refuse('session-unknown')
  if (operator === null) return refuse('session-revoked', KEPT_FOR_REVIEW)
  const isRevoked = session.status === 'revoked' || operator.status === 'inactive'
  // A7: a sign-out that was queued has happened already, and is nothing for people to review.
  if (isRevoked && command.type !== 'session.end') return refuse('session-revoked', KEPT_FOR_REVIEW)
  if (isLate && !lateAuthors.isAlwaysTaken(command, session)) return refuse('session-ended', LATE)
  return {
    ok: true,
    value: {
      ...base,
      by: operator.id,
      operator: operator.id,
      session: session.id,
      role: operator.role,
      areas: operator.areas,
    },
  }
}

/**
 * What acts by itself: what was due, and what the server noticed. A command that set a timer was allowed to; from then on the
 * site acts, with the rights that it has everywhere, and a domain refuses what makes no sense any more.
 */
const ACTOR_OF_SYSTEM: Actor = {
  by: SYSTEM,
  on: null,
  source: SYSTEM,
  operator: null,
  session: null,
  device: null,
  role: 'admin',
  areas: ['*'],
  deviceAreas: [],
}

function actorOfKey(key: ApiKeyRow): Actor {
  return {
    by: key.name,
    on: null,
    source: `key:${key.id}`,
    operator: null,
    session: null,
    device: null,
    role: key.role,
    areas: key.areas,
    deviceAreas: [],
  }
}

type AnyHandler = Handler<TypedCommand['type']>

function handlerOf(handlers: Handlers, command: TypedCommand): AnyHandler {
  // `check` has paired type and data, and refused types without a handler; the pairing cannot be said in types.
  return handlers[command.type] as AnyHandler
}
