/**
 * Every screen over a fake relay: `gallery.html?scene=p0`, with `&sheet={"kind":"operator"}` a sheet over it and
 * `&language=ko` in another language; `&sound=blocked` as a page that may not sound, `&rate=10` with values that often a
 * second, `&flood=60` with so many new alerts a second, and `&p0-every=4` of which
 * every fourth is a P0. For looking at and for axe; no part of the product.
 */
import { checkCommand } from '../../relay/protocol/check.ts'
import { render } from 'preact'
import { signal } from '@preact/signals'
import type { WindowModel } from '../../relay/domain/window-model.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { beforeNextFrame } from '../../relay/adapters/browser-frames.ts'
import { LANGUAGES } from '../../relay/protocol/record-words.ts'
import { pageAddress } from '../state/address.ts'
import { createApp } from '../state/app.ts'
import { AttentionContext, CALM, type Attention } from '../state/attention.ts'
import { NO_SOUND, type SoundState } from '../state/sound.ts'
import { pageMemory } from '../state/page-memory.ts'
import { placeOf } from '../state/place.ts'
import type { SheetName } from '../state/sheets.ts'
import { ALERT_GROUPS, VALUE_SPARK } from '../views/line-parts.ts'
import { Root } from '../views/root.tsx'
import { makeFakeRelay } from './fake-relay.ts'
import { Flood } from './flood.ts'
import { BOARD_SCENES } from './board-scenes.ts'
import { CHAT_SCENES } from './chat-scenes.ts'
import { EQUIPMENT_SCENES, feed } from './equipment-scenes.ts'
import { LONG_SCENES } from './long-scenes.ts'
import { NOTE_SCENES } from './note-scenes.ts'
import { ORDER_SCENES } from './order-scenes.ts'
import { SCENES, type Scene } from './scenes.ts'

declare global {
  interface Window {
    /** For the bench. */
    flood?: Flood
    /** What the address named is on the screen; another scene, sheet and language in its place, without a reload. */
    gallery?: { readonly show: (words: Readonly<Record<string, string>>) => Promise<void> }
  }
}

const root = document.getElementById('root')
const scenes: Readonly<Record<string, Scene>> = {
  ...SCENES,
  ...LONG_SCENES,
  ...EQUIPMENT_SCENES,
  ...NOTE_SCENES,
  ...ORDER_SCENES,
  ...BOARD_SCENES,
  ...CHAT_SCENES,
}
/** Takes away what is shown. */
let release = (): void => undefined

async function show(query: URLSearchParams): Promise<void> {
  release()
  const scene = scenes[query.get('scene') ?? 'alerts']
  if (root === null || scene === undefined) return
  history.replaceState(null, '', scene.hash)
  const relay = makeFakeRelay(scene.view, scene.past, {
    later: beforeNextFrame,
    ...(scene.reads !== undefined && { reads: scene.reads }),
  })
  const { client } = relay
  const first = new Promise<WindowModel>((resolve) => {
    const stop = client.listen((model) => {
      stop()
      resolve(model)
    })
  })
  client.start()
  const [app, stop] = createApp(
    { relay: client, memory: pageMemory('/'), address: pageAddress, now: Date.now, check: checkCommand },
    await first,
  )
  const sheet = query.get('sheet')
  // Whoever writes an address by hand writes a sheet that there is.
  if (sheet !== null) app.sheet.value = JSON.parse(sheet) as SheetName
  app.deviceLanguage.value = LANGUAGES.find((each) => each === query.get('language')) ?? app.deviceLanguage.value
  const follow = (): void => void (app.place.value = placeOf(location.hash))
  window.addEventListener('hashchange', follow)
  const clock = setInterval(() => (app.now.value = Date.now()), 1_000)
  const state = { kind: 'open', app } as const
  const attention = attentionOf(query.get('sound'))
  render(
    <AttentionContext.Provider value={attention}>
      <Root state={state} reload={() => location.reload()} />
    </AttentionContext.Provider>,
    root,
  )
  const bring = (): void => {
    for (const [channel, values] of Object.entries(scene.live ?? {})) relay.live(channel as ChannelName, values)
  }
  bring()
  // What is shown after a moment is not heard before.
  const again = setTimeout(bring, 500)
  const rate = Number(query.get('rate') ?? 0)
  if (rate > 0) feed(relay, rate)
  const alerts = Number(query.get('flood') ?? 0)
  if (alerts > 0) {
    window.flood = new Flood(relay, { offset: 40, p0Every: Number(query.get('p0-every') ?? 0) })
    window.flood.start(alerts)
  }
  release = () => {
    window.removeEventListener('hashchange', follow)
    clearInterval(clock)
    clearTimeout(again)
    stop()
    render(null, root)
  }
}

// A picture does not wait for what comes when the page is at rest.
await Promise.all([VALUE_SPARK.load(), ALERT_GROUPS.load()])
await show(new URLSearchParams(location.search))
window.gallery = { show: (words) => show(new URLSearchParams(words)) }

/** `blocked`, `no-device` …: how sound stands; `alarming`: a P0 sounds. */
function attentionOf(asked: string | null): Attention {
  if (asked === null) return CALM
  const isAlarming = asked === 'alarming'
  const state = signal<SoundState>(isAlarming ? 'on' : (asked as SoundState))
  const notices = signal(isAlarming ? ('available' as const) : ('not-asked' as const))
  return { ...CALM, notices, sound: { ...NO_SOUND, state, isAlarming: signal(isAlarming) } }
}
