import * as v from 'valibot'
import { COMMANDS, isCommandType, type TypedCommand } from './commands.ts'
import { refuse, type ErrorCode, type Refusal } from './errors.ts'

export type Checked<T> = { readonly ok: true; readonly value: T } | Refusal

/** Checks a value from outside against a schema; a refusal names the field in words (`data.title must not be empty`). */
export function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown, code: ErrorCode): Checked<T> {
  const parsed = v.safeParse(schema, value, { abortEarly: true })
  if (parsed.success) return { ok: true, value: parsed.output }
  const [issue] = parsed.issues
  const path = v.getDotPath(issue)
  return refuse(code, path === null ? sentence(issue.message) : `"${path}": ${sentence(issue.message)}`)
}

/** Checks type and `data` of a command against the lane table: `unknown-command` or `bad-command`. */
export function checkCommand(type: string, data: unknown): Checked<TypedCommand> {
  if (!isCommandType(type)) return refuse('unknown-command', `There is no command "${type.slice(0, 64)}".`)
  const checked = check<unknown>(COMMANDS[type].data, data, 'bad-command')
  if (!checked.ok) return checked
  // The row that checked `data` is the row of `type`: the pair is a TypedCommand by construction.
  return { ok: true, value: { type, data: checked.value } as TypedCommand }
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`
}
