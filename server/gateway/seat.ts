import type { FrameEnd, FrameForm, FrameOrigin, FrameTaker } from './frame-end.ts'

/** Where an end tells what comes: to the connection it serves, which may become another (N14), and at last to nobody. */
export class Seat implements FrameTaker {
  readonly end: FrameEnd
  readonly origin: FrameOrigin
  taker: FrameTaker | null

  constructor(end: FrameEnd, origin: FrameOrigin, taker: FrameTaker) {
    this.end = end
    this.origin = origin
    this.taker = taker
  }

  took(payload: Buffer, form: FrameForm): void {
    this.taker?.took(payload, form)
  }
  holding(bytes: number): void {
    this.taker?.holding(bytes)
  }
  drained(): void {
    this.taker?.drained()
  }
  ended(cause: Error | null): void {
    this.taker?.ended(cause)
  }
}
