import { randomBytes } from 'node:crypto'
import { argon2id, hash, verify } from 'argon2'
import type { Pins } from '../ports/pins.ts'

/** argon2id with the least cost the OWASP cheat sheet accepts: 19 MiB, two passes, one lane (about 20 ms). */
const COST = { type: argon2id, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const

export class Argon2Pins implements Pins {
  /** Made at the first unknown name; nothing a person types matches it. */
  #decoy: Promise<string> | null = null

  hash(pin: string): Promise<string> {
    return hash(pin, COST)
  }

  async verify(stored: string | null, pin: string): Promise<boolean> {
    if (stored !== null) return await verify(stored, pin)
    this.#decoy ??= hash(randomBytes(16).toString('base64url'), COST)
    await verify(await this.#decoy, pin)
    return false
  }
}
