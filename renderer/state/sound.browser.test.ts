import { signal } from '@preact/signals'
import { afterEach, expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { alertBoard, type AlertBoard } from '../../relay/domain/alerts.ts'
import { alert, stateChannel } from '../../relay/domain/testing/samples.ts'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { AlertRecord } from '../../relay/protocol/records.ts'
import { AlarmSound, SOUND_LOCK } from './sound.ts'

const FIRE = alert(1, { priority: 'P0', title: 'Fire' })
const releases: (() => void)[] = []

afterEach(() => {
  for (const release of releases.splice(0)) release()
})

function boardOf(...alerts: readonly AlertRecord[]): AlertBoard {
  return alertBoard({ urgent: stateChannel(URGENT_CHANNEL, 1, alerts), areas: [], pending: [] })
}

/** Ears: what the page's contexts are asked to play. A headless browser has no loudspeaker to listen to. */
interface Ears {
  readonly played: { readonly seconds: number; readonly loop: boolean; stopped: boolean }[]
  devices: number
}

/** This page with a loudspeaker, or without one; everything else of it is the browser's own. */
function pageWith(ears: Ears): Window & typeof globalThis {
  class HeardContext extends AudioContext {
    override createBufferSource(): AudioBufferSourceNode {
      const source = super.createBufferSource()
      const start = source.start.bind(source)
      const stop = source.stop.bind(source)
      let heard: Ears['played'][number] | null = null
      source.start = () => {
        heard = { seconds: source.buffer?.duration ?? 0, loop: source.loop, stopped: false }
        ears.played.push(heard)
        start()
      }
      source.stop = () => {
        if (heard !== null) heard.stopped = true
        stop()
      }
      return source
    }
  }
  const mediaDevices = {
    addEventListener: () => undefined,
    enumerateDevices: async () => Array.from({ length: ears.devices }, () => ({ kind: 'audiooutput' })),
  }
  const own: Record<string, unknown> = {
    AudioContext: HeardContext,
    BroadcastChannel,
    navigator: { locks: navigator.locks, mediaDevices },
    performance,
    addEventListener: window.addEventListener.bind(window),
  }
  return own as unknown as Window & typeof globalThis
}

function open(...alerts: readonly AlertRecord[]) {
  const ears: Ears = { played: [], devices: 1 }
  const board = signal(boardOf(...alerts))
  const sound = new AlarmSound(pageWith(ears), '/')
  const follow = () => releases.push(sound.follow({ board, isCurrent: signal(true) }))
  return { ears, board, sound, follow }
}

/** A press anywhere on the page: from then on a browser lets it sound. */
async function press(): Promise<void> {
  document.body.tabIndex = -1
  await userEvent.click(document.body)
}

test('a P0 repeats until somebody has it', async () => {
  const { ears, board, sound, follow } = open(FIRE)
  follow()
  await press()
  await expect.poll(() => sound.state.value).toBe('on')
  await expect.poll(() => ears.played).toMatchObject([{ loop: true, stopped: false }])
  board.value = boardOf({ ...FIRE, acknowledged: FIRE.raised })
  expect(ears.played).toMatchObject([{ stopped: true }])
})

test('silence keeps it quiet, is counted down and acknowledges nothing; a new P0 is heard', async () => {
  const { ears, board, sound, follow } = open(FIRE)
  follow()
  await press()
  await expect.poll(() => ears.played.length).toBe(1)
  sound.hush()
  expect(ears.played[0]?.stopped).toBe(true)
  expect(sound.isAlarming.value).toBe(false)
  board.value = boardOf(FIRE, alert(2, { priority: 'P0' }))
  await expect.poll(() => ears.played.at(-1)).toMatchObject({ loop: true, stopped: false })
})

test('of several windows of a device one sounds, and another takes over when it goes', async () => {
  const first = open(FIRE)
  const second = open(FIRE)
  first.follow()
  await press()
  await expect.poll(() => first.sound.state.value).toBe('on')
  second.follow()
  await press()
  await expect.poll(() => second.sound.state.value).toBe('elsewhere')
  expect(second.ears.played).toEqual([])
  const { held = [] } = await navigator.locks.query()
  expect(held.filter(({ name }) => name === SOUND_LOCK)).toHaveLength(1)
  releases.shift()?.()
  await expect.poll(() => second.sound.state.value).toBe('on')
  await expect.poll(() => second.ears.played).toMatchObject([{ loop: true }])
})

test('a press of "silence" in one window holds for all of them', async () => {
  const first = open(FIRE)
  const second = open(FIRE)
  first.follow()
  await press()
  await expect.poll(() => first.ears.played.length).toBe(1)
  second.follow()
  second.sound.hush()
  await expect.poll(() => first.ears.played[0]?.stopped).toBe(true)
})

test('without a loudspeaker it says so, and sounds as soon as there is one', async () => {
  const { ears, sound, follow } = open(FIRE)
  ears.devices = 0
  follow()
  await expect.poll(() => sound.state.value).toBe('no-device')
  ears.devices = 1
  await press()
  await expect.poll(() => sound.state.value).toBe('on')
})

test('the test of the sound is three tones, once', async () => {
  const { ears, sound, follow } = open()
  follow()
  await press()
  await expect.poll(() => sound.state.value).toBe('on')
  expect(sound.test()).toBe(true)
  expect(ears.played).toEqual([{ seconds: 1, loop: false, stopped: false }])
})
