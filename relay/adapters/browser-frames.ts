/** A page that is not drawn gets no frames; what it is told must not wait for somebody to look at it. */
const LATEST_MS = 100

/** Calls before the next frame is drawn, or soon where none is. */
export function beforeNextFrame(call: () => void): void {
  let isCalled = false
  const once = (): void => {
    if (isCalled) return
    isCalled = true
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    call()
  }
  const frame = requestAnimationFrame(once)
  const timer = setTimeout(once, LATEST_MS)
}
