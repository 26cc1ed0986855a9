import { ERRORS, isErrorCode } from '../../relay/protocol/errors.ts'

/** A code in words. `no-answer` is the window's own: its relay said nothing. */
export function refusals(code: string | null): string {
  if (code === 'no-answer') return 'This terminal did not answer. Try again, or load the page again.'
  if (code === 'unreachable') return 'The server did not answer. Try again when the connection is back.'
  return code !== null && isErrorCode(code) ? ERRORS[code].says : 'This was not accepted, and no reason was given.'
}
