import type { NoticeAvailability } from '../../relay/protocol/notices.ts'

/** The words of what calls a person: native notifications and sound. */
export const attentionEn = {
  notices: {
    title: 'Notifications',
    state: {
      available: 'A P0 also comes as a notification of this system.',
      'not-asked': 'Notifications are not switched on here. With Andon in the background you would miss a P0.',
      denied: 'Notifications are blocked here. Allow them for Andon in the settings of this browser.',
      unsupported: 'This system cannot show notifications. Alerts show and sound in Andon only.',
      'no-daemon': 'Nothing on this terminal shows notifications. Alerts show and sound in Andon only.',
    } satisfies Record<NoticeAvailability, string>,
    ask: 'Switch notifications on',
    /** Above a summary. */
    several: (count: number): string => `${count} alerts need you`,
    more: (count: number): string => `and ${count} more`,
    raisedAt: (time: string): string => `raised ${time}`,
  },
  sound: {
    title: 'Sound',
    state: {
      starting: 'Sound is being switched on.',
      on: 'Alarms sound from this window.',
      elsewhere: 'Alarms sound from another Andon window of this terminal.',
      blocked: 'This browser makes no sound before somebody taps here.',
      'no-device': 'This terminal has no loudspeaker, so alarms are not heard here. Keep an eye on the screen.',
      unavailable: 'This browser cannot make sound, so alarms are not heard here. Keep an eye on the screen.',
    },
    off: 'Alarm sound is off.',
    switchOn: 'Tap to switch sound on',
    test: 'Test the sound',
    tested: 'Three tones sound now. If you hear nothing, check volume and loudspeaker.',
    silence: 'Silence for 60 s',
    silent: (seconds: number): string => `Sound comes back in ${seconds} s`,
  },
}
