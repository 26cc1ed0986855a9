import { useEffect } from 'preact/hooks'
import { useApp } from './use-app.ts'

/** Calls this once nobody has been at the window for so long, milliseconds, while `isWaiting`. */
export function useIdle(isWaiting: boolean, ms: number, call: () => void): void {
  const { presses } = useApp()
  useEffect(() => {
    if (!isWaiting) return undefined
    let cancel = (): void => undefined
    const wait = (): void => {
      cancel()
      cancel = presses.clock.after(ms, call)
    }
    wait()
    const release = presses.listen(wait)
    return () => {
      cancel()
      release()
    }
    // `call` does the same whenever it is called.
  }, [isWaiting, ms, presses])
}
