/** Ends the command with this code, after one sentence on stderr. 1: it did not work. 2: it was asked wrongly. */
export type Exit = (code: 1 | 2, message: string) => never

/** Unwinds to `cli.ts`, which sets the exit code. */
export class CommandFailed extends Error {
  readonly exitCode: 1 | 2
  constructor(exitCode: 1 | 2, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

export const exit: Exit = (code, message) => {
  throw new CommandFailed(code, message)
}
