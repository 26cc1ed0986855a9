import { v7 } from 'uuid'
import type { Random } from '../ports.ts'

/** The machine's chance. `next` spreads delays and is not for secrets; `uuid` counts up within a millisecond. */
export function systemRandom(): Random {
  return { next: () => Math.random(), uuid: () => v7() }
}
