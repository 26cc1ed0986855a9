/** The window's own codes in words: its relay said nothing. What a relay or a server refuses comes with its sentence. */
export function refusals(code: string | null): string {
  if (code === 'no-answer') return 'This terminal did not answer. Try again, or load the page again.'
  if (code === 'unreachable') return 'The server did not answer. Try again when the connection is back.'
  return 'This was not accepted, and no reason was given.'
}
