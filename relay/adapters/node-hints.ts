import type { NetworkHints } from '../ports.ts'

/** Node has no word on networks or sleep; the relay notices both by its clock and its heartbeat. */
export function nodeHints(): NetworkHints {
  return { listen: () => () => undefined }
}
