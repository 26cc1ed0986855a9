import type { ErrorCode } from '../protocol/errors.ts'
import type { SocketEvents, WayPort } from '../ports.ts'

/** Attempts in a row that did not open before somebody is asked why: one may have met a server that was just starting. */
const FAILURES_BEFORE_ASKING = 2

/** A way that asks why it did not open, where nothing has said so (R51). `ask` never rejects. */
export function askingWhy(port: WayPort, ask: (base: string) => Promise<ErrorCode | null>): WayPort {
  let failures = 0
  return {
    open(base, events, near) {
      let isOpen = false
      const told: SocketEvents = {
        received: (message) => events.received(message),
        opened() {
          isOpen = true
          failures = 0
          events.opened()
        },
        closed(code, reason, refusal) {
          if (!isOpen) failures += 1
          if (isOpen || refusal !== undefined || failures < FAILURES_BEFORE_ASKING)
            return events.closed(code, reason, refusal)
          void ask(base).then((why) => events.closed(code, reason, why ?? undefined))
        },
      }
      return port.open(base, told, near)
    },
  }
}
