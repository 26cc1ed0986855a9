import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { secondsSilent } from '../state/sound.ts'
import { useAttention } from '../state/attention.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'

/** Over every view: that a browser makes no sound yet; or, while a P0 sounds that is not full-screen here, how to silence it. */
export function SoundBar() {
  const { alarms } = useApp()
  const { sound } = useAttention()
  const { state, isAlarming } = sound
  if (state.value === 'blocked') return <BlockedBar />
  // Over the overlay the overlay has it.
  if (alarms.value.overlay.length > 0 || !(isAlarming.value || isSilenced(alarms.value.banners.length, sound)))
    return null
  return (
    <div class="bar">
      <Silence />
    </div>
  )
}

/** The same at the foot of the P0 overlay, where also a missing loudspeaker matters. */
export function OverlaySound() {
  const { sound } = useAttention()
  const state = sound.state.value
  if (state === 'blocked') return <BlockedBar />
  if (state === 'no-device' || state === 'unavailable') {
    return (
      <p class="overlay-sound">
        <Sign name="muted" />
        <span>{text.sound.state[state]}</span>
      </p>
    )
  }
  return (
    <div class="overlay-sound">
      <Silence />
    </div>
  )
}

/** Any press on the page switches the sound on; the button is the invitation. */
function BlockedBar() {
  return (
    <div class="bar bar-sound">
      <Sign name="muted" />
      <p>{text.sound.off}</p>
      <Button kind="secondary" testId="sound-on">
        {text.sound.switchOn}
      </Button>
    </div>
  )
}

function Silence() {
  // The clock of the page moves the seconds.
  const { now } = useApp()
  const { sound } = useAttention()
  const seconds = now.value === 0 ? 0 : secondsSilent(sound)
  if (!sound.isAlarming.value) {
    if (seconds === 0) return null
    return (
      <p class="sound-silent" role="status">
        <Sign name="muted" />
        {text.sound.silent(seconds)}
      </p>
    )
  }
  return (
    <Button kind="secondary" testId="silence" onPress={() => sound.hush()}>
      <Sign name="muted" /> {text.sound.silence}
    </Button>
  )
}

function isSilenced(p0: number, sound: ReturnType<typeof useAttention>['sound']): boolean {
  return p0 > 0 && secondsSilent(sound) > 0
}
