/** Every screen over a fake relay: `gallery.html?scene=p0`. For looking at and for axe; no part of the product. */
import { render } from 'preact'
import { pageAddress } from '../state/address.ts'
import { createApp } from '../state/app.ts'
import { deviceMemory } from '../state/device-memory.ts'
import { placeOf } from '../state/place.ts'
import { Root } from '../views/root.tsx'
import { makeFakeRelay } from './fake-relay.ts'
import { LONG_SCENES } from './long-scenes.ts'
import { SCENES, type Scene } from './scenes.ts'

const name = new URLSearchParams(location.search).get('scene') ?? 'alerts'
const root = document.getElementById('root')
const scenes: Readonly<Record<string, Scene>> = { ...SCENES, ...LONG_SCENES }
const scene = scenes[name]
if (root !== null && scene !== undefined) {
  history.replaceState(null, '', scene.hash)
  const { client } = makeFakeRelay(scene.view)
  const release = client.listen((model) => {
    release()
    const memory = deviceMemory(localStorage)
    const [app] = createApp({ relay: client, memory, address: pageAddress, now: Date.now }, model)
    window.addEventListener('hashchange', () => (app.place.value = placeOf(location.hash)))
    setInterval(() => (app.now.value = Date.now()), 1_000)
    render(<Root state={{ kind: 'open', app }} reload={() => location.reload()} />, root)
  })
  client.start()
}
