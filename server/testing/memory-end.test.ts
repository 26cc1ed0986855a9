import type { Message } from '../../relay/protocol/binary.ts'
import { closeRow, type CloseRow } from '../../relay/protocol/close-codes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { frameEndContract, type FramePeer } from '../gateway/frame-end.contract.ts'
import type { FrameForm } from '../gateway/frame-end.ts'
import type { SharedBytes } from '../gateway/shared-bytes.ts'
import { MemoryEnd, type MemoryWay } from './memory-end.ts'

/** What the way holds for a peer that does not read, bytes. */
const WAY_BYTES = 128 * 1024

type Sent = { readonly payload: Buffer; readonly form: FrameForm } | 'close' | 'vanish'

/** Both directions, a turn of the loop each, and the peer at the other end. */
class Way implements MemoryWay, FramePeer {
  readonly end = new MemoryEnd(this)
  readonly heard: string[] = []
  readonly heardBytes: Uint8Array[] = []
  closed: FramePeer['closed'] = null
  writes = 0
  #up: Sent[] = []
  #down: (Message | CloseRow)[] = []
  #isPaused = false
  #isReading = true

  carry(parts: readonly SharedBytes[]): number {
    this.writes += 1
    const full = parts.findIndex(({ messages }) => {
      if (this.#downBytes() > WAY_BYTES) return true
      this.#down.push(...messages)
      return false
    })
    this.#soon()
    return full < 0 ? parts.length : full
  }
  carryClose(row: CloseRow): void {
    this.#down.push(row)
    this.#soon()
  }
  pause(): void {
    this.#isPaused = true
  }
  resume(): void {
    this.#isPaused = false
    this.#soon()
  }
  cut(): void {
    this.#down = [closeRow(1006)]
    this.#up = ['vanish']
    this.#isReading = true
    this.resume()
  }

  send(text: string): void {
    this.#send({ payload: Buffer.from(text), form: 'text' })
  }
  sendBinary(payload: Buffer): void {
    this.#send({ payload, form: 'binary' })
  }
  stopReading(): void {
    this.#isReading = false
  }
  readOn(): void {
    this.#isReading = true
    this.#soon()
  }
  close(): void {
    this.#send('close')
  }
  vanish(): void {
    this.#send('vanish')
  }

  #send(item: Sent): void {
    this.#up.push(item)
    this.#soon()
  }

  #downBytes(): number {
    return this.#down.reduce((sum, item) => sum + (typeof item === 'object' && 'code' in item ? 0 : item.length), 0)
  }

  #soon(): void {
    setImmediate(() => {
      while (!this.#isPaused && this.#up.length > 0) this.#arrive(this.#up.shift())
      if (!this.#isReading) return
      for (const item of this.#down.splice(0)) {
        if (typeof item === 'string') this.heard.push(item)
        else if (item instanceof Uint8Array) this.heardBytes.push(item)
        else this.#hearClose(item)
      }
      this.end.room()
    })
  }

  #arrive(item: Sent | undefined): void {
    if (item === undefined) return
    if (item === 'close' || item === 'vanish') return this.end.gone()
    if (item.payload.length <= 2 * LIMITS.maxFrameBytes) return this.end.arrived(item.payload, item.form)
    this.end.closed()
    return this.end.gone(new Error('longer than a frame may be'))
  }

  #hearClose({ code, says }: CloseRow): void {
    this.closed ??= { code, says }
    this.#send('close')
  }
}

frameEndContract('in memory', () => {
  const way = new Way()
  return Promise.resolve({ end: way.end, peer: way, writes: () => way.writes })
})
