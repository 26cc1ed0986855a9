import * as v from 'valibot'
import { COMMANDS, isCommandType, type TypedCommand } from './commands.ts'
import { refuse, type ErrorCode, type Refusal } from './errors.ts'
import { printable } from './printable.ts'

export type Checked<T> = { readonly ok: true; readonly value: T } | Refusal

/** Checks a value from outside against a schema; a refusal names the field in words (`"data.title" is missing.`). */
export function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown, code: ErrorCode): Checked<T> {
  const parsed = v.safeParse(schema, value, { abortEarly: true })
  if (parsed.success) return { ok: true, value: parsed.output }
  const [issue] = parsed.issues
  const path = v.getDotPath(issue)
  return refuse(code, `${path === null ? 'This' : `"${path}"`} ${inWords(issue)}.`)
}

/** Checks type and `data` of a command against the lane table: `unknown-command` or `bad-command`. */
export function checkCommand(type: string, data: unknown): Checked<TypedCommand> {
  if (!isCommandType(type)) return refuse('unknown-command', `There is no command "${printable(type.slice(0, 64))}".`)
  const checked = check<unknown>(COMMANDS[type].data, data, 'bad-command')
  if (!checked.ok) return checked
  // The row that checked `data` is the row of `type`: the pair is a TypedCommand by construction.
  return { ok: true, value: { type, data: checked.value } as TypedCommand }
}

/** What is wrong with a field, as the end of a sentence that begins with its name. Our own messages are in words already. */
function inWords(issue: v.BaseIssue<unknown>): string {
  if (!issue.message.startsWith('Invalid ')) return issue.message.replace(/\.$/, '')
  const key = issue.path?.at(-1)
  if (issue.type === 'strict_object' || issue.type === 'object') {
    if (issue.expected === 'never') return 'is not a field of this'
    if (key !== undefined && issue.received === 'undefined') return 'is missing'
  }
  return (WORDS[issue.type] ?? (() => 'has a form that is not allowed here'))(issue)
}

/** By the type of valibot's schema or check. */
const WORDS: Readonly<Record<string, (issue: v.BaseIssue<unknown>) => string>> = {
  string: () => 'must be text',
  number: () => 'must be a number',
  boolean: () => 'must be true or false',
  array: () => 'must be a list',
  object: () => 'must be an object',
  strict_object: () => 'must be an object',
  record: () => 'must be an object',
  picklist: (issue) => `must be one of ${issue.expected ?? ''}`,
  literal: (issue) => `must be ${issue.expected ?? ''}`,
  variant: (issue) => `must be one of ${issue.expected ?? ''}`,
  safe_integer: () => 'must be a whole number',
  min_value: (issue) => `must be at least ${requirement(issue)}`,
  max_value: (issue) => `must be at most ${requirement(issue)}`,
  min_length: (issue) => `is too short: at least ${requirement(issue)}`,
  max_length: (issue) => `is too long: at most ${requirement(issue)}`,
  iso_timestamp: () => 'must be a time like 2026-11-20T03:00:00.000Z',
}

function requirement(issue: v.BaseIssue<unknown>): string {
  return 'requirement' in issue ? String(issue.requirement) : ''
}
