import type { NetworkHints } from '../../relay/ports.ts'

type PowerEvent = 'suspend' | 'resume' | 'lock-screen' | 'unlock-screen'

/** The part of Electron's `powerMonitor` that is needed. */
export interface PowerEvents {
  on(event: PowerEvent, heard: () => void): unknown
  off(event: PowerEvent, heard: () => void): unknown
}

/**
 * The machine woke, or a person came back to it: each makes the relay replace its socket, because `OPEN` proves nothing
 * after sleep (P6). Some machines tell neither; the relay notices those by its clock and its heartbeat. That it goes to sleep, or
 * that its screen is locked, is told to those who see who is there.
 */
export function powerHints(power: PowerEvents): NetworkHints {
  return {
    listen(hinted) {
      const heard: readonly (readonly [PowerEvent, () => void])[] = [
        ['suspend', () => hinted('sleeps')],
        ['resume', () => hinted('woke')],
        ['lock-screen', () => hinted('unwatched')],
        [
          'unlock-screen',
          () => {
            hinted('woke')
            hinted('watched')
          },
        ],
      ]
      for (const [event, tell] of heard) power.on(event, tell)
      return () => {
        for (const [event, tell] of heard) power.off(event, tell)
      }
    },
  }
}
