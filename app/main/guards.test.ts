import { EventEmitter } from 'node:events'
import type { App } from 'electron'
import { expect, it } from 'vitest'
import { VirtualClock } from '../../relay/testing/virtual-clock.ts'
import { guardContents } from './guards.ts'
import { MAX_LOGGED_URL, REFUSAL_PACE } from './refusal-log.ts'

type OpenHandler = (request: { readonly url: string }) => unknown

/** Contents that were made after the guard was set, and what it logged. */
function contents() {
  const app = new EventEmitter()
  const clock = new VirtualClock()
  const logged: Readonly<Record<string, unknown>>[] = []
  guardContents(app as unknown as App, {
    clock,
    log: (_level, event, fields) => void logged.push({ event, ...fields }),
  })
  const zoom: number[] = []
  const policies: string[] = []
  const opened: { handler: OpenHandler } = { handler: () => 'unguarded' }
  const page = Object.assign(new EventEmitter(), {
    setWindowOpenHandler: (handler: OpenHandler) => void (opened.handler = handler),
    setWebRTCIPHandlingPolicy: (policy: string) => void policies.push(policy),
    setVisualZoomLevelLimits: async (...limits: number[]) => void zoom.push(...limits),
  })
  app.emit('web-contents-created', {}, page)
  /** Whether the page's wish was refused. */
  const refuses = (event: string, details: object = {}, ...rest: unknown[]): boolean => {
    let isRefused = false
    page.emit(event, { ...details, preventDefault: () => (isRefused = true) }, ...rest)
    return isRefused
  }
  return { page, clock, logged, zoom, policies, refuses, open: (url: string) => opened.handler({ url }) }
}

it.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])('%s leads to our pages only', (event) => {
  const { refuses, logged } = contents()
  expect(refuses(event, { url: 'app://kiosk/#/line-3/alerts' })).toBe(false)
  expect(logged).toEqual([])
  for (const url of ['https://example.com/', 'app://other/', 'file:///etc/passwd', 'data:text/html,x', 'nonsense']) {
    expect(refuses(event, { url })).toBe(true)
  }
  expect(logged[0]).toEqual({ event: 'navigation-refused', url: 'https://example.com/' })
})

it('no page opens a window, not even on a page of ours', () => {
  const { open, logged } = contents()
  expect(open('https://example.com/')).toEqual({ action: 'deny' })
  expect(open('app://kiosk/')).toEqual({ action: 'deny' })
  expect(logged.map((line) => line['event'])).toEqual(['window-refused', 'window-refused'])
})

it('no page holds another, zooms, or gets a key that leads out', () => {
  const { page, refuses, zoom } = contents()
  expect(refuses('will-attach-webview')).toBe(true)
  const key = { type: 'keyDown', key: 'F12', control: false, meta: false, shift: false, alt: false }
  expect(refuses('before-input-event', {}, key)).toBe(true)
  expect(refuses('before-input-event', {}, { ...key, key: 'a' })).toBe(false)
  page.emit('did-finish-load')
  expect(zoom).toEqual([1, 1])
})

it('no peer connection of a page finds an address or a way out', () => {
  expect(contents().policies).toEqual(['disable_non_proxied_udp'])
})

it('[P8] a page that tries for ever fills no log: lines are paced, addresses cut, and what was left out is counted', async () => {
  const { open, clock, logged } = contents()
  const address = `data:text/html,${'x'.repeat(1_000_000)}`
  for (let tries = 0; tries < REFUSAL_PACE.burst + 5; tries += 1) open(address)
  expect(logged).toHaveLength(REFUSAL_PACE.burst)
  expect(logged[0]?.['url']).toBe(address.slice(0, MAX_LOGGED_URL))
  await clock.advance(1_000)
  open(address)
  expect(logged.at(-1)).toMatchObject({ event: 'window-refused', leftOut: 5 })
})
