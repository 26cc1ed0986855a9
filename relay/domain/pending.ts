import type { CommandData, CommandType } from '../protocol/commands.ts'
import type { CommandId } from '../protocol/ids.ts'
import type { PendingCommand } from '../protocol/local.ts'

/** What a person needs to see of something the server has not confirmed: who, since when, and whether it is on disk. */
export interface Waiting {
  readonly command: CommandId
  readonly by: string | null
  /** Device clock, epoch milliseconds. */
  readonly since: number
  readonly saved: boolean
}

export function waitingOf(command: PendingCommand): Waiting {
  return { command: command.id, by: command.by, since: command.madeAt, saved: command.saved }
}

/** `data` of a pending command of this type. The relay checked it against the lane table before it was saved. */
export function dataOf<T extends CommandType>(
  command: Pick<PendingCommand, 'type' | 'data'>,
  type: T,
): CommandData<T> | null {
  return command.type === type ? (command.data as CommandData<T>) : null
}

/** Whether something that came down is an object with a text under each of these names; a newer server may add others. */
export function hasTexts<N extends string>(
  value: unknown,
  ...names: readonly N[]
): value is Readonly<Record<N, string>> {
  return isObject(value) && names.every((name) => typeof value[name] === 'string')
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
