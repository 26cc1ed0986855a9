import { expect, test } from 'vitest'
import type { ChannelName } from './protocol/channels.ts'
import type { LiveView, PortMessage, WindowMessage } from './protocol/local.ts'
import { WindowClient } from './window.ts'

const PRESS = 'telemetry/line-3/press-1' as ChannelName
const AT = '2026-11-20T06:00:00.000Z'
const QUERY = { area: 'line-3', machine: 'press-1', signal: 'force', from: AT, to: AT, points: 1 } as const

function makeWindow() {
  const sent: WindowMessage[] = []
  let hear: (message: PortMessage) => void = () => {}
  let ids = 0
  const client = new WindowClient({
    port: {
      post: (message) => void sent.push(message),
      listen: (heard) => {
        hear = heard
        return () => {}
      },
      close: () => {},
    },
    bus: { listen: () => () => {} },
    clock: { monotonic: () => 1_000, after: () => () => {} },
    random: { uuid: () => `id-${(ids += 1)}` },
  })
  client.show([PRESS])
  client.start()
  const live = (channel: ChannelName, value: Partial<LiveView>) =>
    hear({ t: 'live', channel, values: [{ key: 'force', value: 1, at: AT, ageMs: 0, ttlMs: 10, ...value }] })
  return { client, sent, live, hear: (message: PortMessage) => hear(message) }
}

test('live values are told apart from the model, and only of what the window shows', () => {
  const { client, live } = makeWindow()
  const told: unknown[] = []
  const release = client.listenLive((model) => told.push(model))
  live(PRESS, { value: 7 })
  live('telemetry/line-3/press-2' as ChannelName, {})
  expect(told).toEqual([client.live])
  expect(client.live.get(PRESS)?.get('force')).toMatchObject({ value: 7, confirmedAt: client.now() })
  client.show([])
  expect(client.live.size).toBe(0)
  release()
  client.show([PRESS])
  live(PRESS, {})
  expect(told).toHaveLength(2)
})

test('a page of history answers the question it belongs to; a refusal says why', async () => {
  const { client, sent, hear } = makeWindow()
  const page = { points: [], unit: 'kN', resolutionMs: 1, next: null }
  const first = client.series(QUERY)
  const second = client.series(QUERY)
  expect(sent.slice(-2)).toEqual([
    { t: 'series', ref: 'id-1', ...QUERY },
    { t: 'series', ref: 'id-2', ...QUERY },
  ])
  hear({ t: 'reply', ref: 'id-2', ok: false, code: 'forbidden', message: 'No.' })
  hear({ t: 'series', ref: 'id-1', page })
  expect(await first).toEqual({ ok: true, page })
  expect(await second).toMatchObject({ ok: false, code: 'forbidden' })
})
