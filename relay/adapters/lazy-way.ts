import type { SocketHandle, WayPort } from '../ports.ts'

/** As a link that ended without a close (RFC 6455 §7.4.1). */
const ABNORMAL = 1006

/** A way whose code is loaded when it is opened: few devices need it, and none at its start. */
export function lazyWay(load: () => Promise<WayPort>): WayPort {
  return {
    open(base, events, near) {
      let handle: SocketHandle | null = null
      let isOver = false
      const over = (reason: string): void => {
        if (isOver) return
        isOver = true
        // Never before `open` or `close` has returned.
        queueMicrotask(() => events.closed(ABNORMAL, reason))
      }
      load().then(
        (port) => {
          if (!isOver) handle = port.open(base, events, near)
        },
        (error: unknown) => over(`not loaded: ${String(error)}`),
      )
      return {
        send: (message) => handle?.send(message),
        close: (code, reason) => (handle === null ? over(reason) : handle.close(code, reason)),
        bufferedBytes: () => handle?.bufferedBytes() ?? 0,
        node: () => handle?.node?.(),
      }
    },
  }
}
