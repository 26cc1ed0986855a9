import { checkCommand, type Checked } from '../../relay/protocol/check.ts'
import { COMMANDS, type TypedCommand } from '../../relay/protocol/commands.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { Handler, Handlers } from '../domain/handler.ts'
import type { Actor, AuthorRows, CommandRules, Decision, Now, RecordKey, Records } from '../ports/rules.ts'
import type { ApiKeyRow, DeviceRow } from '../ports/store.ts'
import { createRejectionRules } from './rejections.ts'

/** The rules of a server composed of these domains; run by the store inside its transaction. */
export function createRules(handlers: Handlers): CommandRules {
  const rules: Omit<CommandRules, 'rejections'> = {
    check(type, data): Checked<TypedCommand> {
      const checked = checkCommand(type, data)
      if (checked.ok && handlers[checked.value.type] === undefined)
        return refuse('unknown-command', `This server does not carry out "${type}".`)
      return checked
    },
    actorOfDevice,
    actorOfKey,
    reads(command, id): readonly RecordKey[] {
      return handlerOf(handlers, command).reads(command.data, id)
    },
    decide(records: Records, command: TypedCommand, now: Now): Decision {
      return handlerOf(handlers, command).decide(records, command.data, now)
    },
  }
  return { ...rules, rejections: createRejectionRules(rules) }
}

/**
 * W8: the device of the connection, and the author session — opened on this device and not revoked — with the rights the
 * person has now. A session that was signed out or ran out still authors what was queued before: the relay refuses new
 * authorship, the server cannot tell the two apart and must not lose the first.
 */
function actorOfDevice(command: TypedCommand, device: DeviceRow, author: AuthorRows | null): Checked<Actor> {
  if (device.status === 'revoked') return refuse('device-revoked')
  const base = { on: device.name, source: device.id, device: device.id, deviceAreas: device.areas }
  if (author === null) {
    if (COMMANDS[command.type].author === 'operator') return refuse('sign-in-needed')
    return {
      ok: true,
      value: {
        ...base,
        by: `device:${device.name}`,
        operator: null,
        session: null,
        role: 'device',
        areas: device.areas,
      },
    }
  }
  const { session, operator } = author
  if (session === null || session.device !== device.id) return refuse('session-unknown')
  if (operator === null) return refuse('session-revoked')
  const isRevoked = session.status === 'revoked' || operator.status === 'inactive'
  // A7: a sign-out that was queued has happened already, and is nothing for people to review.
  if (isRevoked && command.type !== 'session.end') return refuse('session-revoked')
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
