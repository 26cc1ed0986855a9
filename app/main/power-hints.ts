import type { NetworkHints } from '../../relay/ports.ts'

/** The part of Electron's `powerMonitor` that is needed. */
export interface PowerEvents {
  on(event: 'resume' | 'unlock-screen', heard: () => void): unknown
  off(event: 'resume' | 'unlock-screen', heard: () => void): unknown
}

/**
 * The machine woke, or a person came back to it: each makes the relay replace its socket, because `OPEN` proves nothing
 * after sleep (P6). Some machines tell neither; the relay notices those by its clock and its heartbeat.
 */
export function powerHints(power: PowerEvents): NetworkHints {
  return {
    listen(hinted) {
      const woke = (): void => hinted('woke')
      power.on('resume', woke)
      power.on('unlock-screen', woke)
      return () => {
        power.off('resume', woke)
        power.off('unlock-screen', woke)
      }
    },
  }
}
