import { isVisible, withoutForbidden } from '../../relay/protocol/plain-text.ts'

/**
 * What a person has typed or pasted, as it is sent: without what no text may hold (PROTOCOL C7) and nobody sees in a field —
 * addresses copied from some programs begin with a mark of direction — and nothing where there is nothing to see.
 */
export function typed(words: string): string {
  const clean = withoutForbidden(words).trim()
  return isVisible(clean) ? clean : ''
}
