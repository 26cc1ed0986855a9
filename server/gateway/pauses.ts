import type { FrameEnd } from './frame-end.ts'

/** Why a connection is not read: a queue of frames, commands or receipts that is full, a device that was told to wait, a drain. */
export type PauseReason = 'frames' | 'commands' | 'pace' | 'receipts' | 'draining' | 'moving'

/** Whether a connection is read. Several may want that it is not; it is read again when none of them does (V4, V8, E3). */
export class Pauses {
  #end: Pick<FrameEnd, 'pause' | 'resume'>
  /** Most connections are read all their life. */
  #reasons: Set<PauseReason> | null = null

  constructor(end: Pick<FrameEnd, 'pause' | 'resume'>) {
    this.#end = end
  }

  /** From now on it is this end that is read or not. */
  moveTo(end: Pick<FrameEnd, 'pause' | 'resume'>): void {
    this.#end = end
    if ((this.#reasons?.size ?? 0) === 0) end.resume()
    else end.pause()
  }

  begin(why: PauseReason): void {
    this.#reasons ??= new Set()
    this.#reasons.add(why)
    this.#end.pause()
  }

  over(why: PauseReason): void {
    this.#reasons?.delete(why)
    if ((this.#reasons?.size ?? 0) === 0) this.#end.resume()
  }

  set(why: PauseReason, isWanted: boolean): void {
    if (isWanted) this.begin(why)
    else this.over(why)
  }

  /** For a while, however often that is asked for meanwhile. */
  beginFor(why: PauseReason, ms: number): void {
    if (this.#reasons?.has(why) === true) return
    this.begin(why)
    setTimeout(() => this.over(why), ms).unref()
  }
}
