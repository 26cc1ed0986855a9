import { afterEach, beforeEach, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { SeriesPoint } from '../../relay/protocol/telemetry.ts'
import type { Span } from '../state/trend-view.ts'
import { MIN_SPAN_S } from '../state/trend-view.ts'
// oxlint-disable-next-line no-unassigned-import -- styles are for their effect: what a finger may do is one of them
import '../styles/trend.css'
import { drawTrend, type TrendChart } from './trend-chart.ts'

const HOUR_S = 3_600
const TO = Date.parse('2026-11-20T06:00:00.000Z')
const points = Array.from({ length: 361 }, (_, n): SeriesPoint => [TO - (360 - n) * 10_000, n, n, n])
const trend = { points, unit: '°C', resolutionMs: 10_000, from: TO - HOUR_S * 1_000, to: TO }

let place: HTMLElement
let chart: TrendChart
let view: Span | null
let pointed: number | null
beforeEach(async () => {
  await page.viewport(900, 700)
  place = document.body.appendChild(document.createElement('div'))
  place.className = 'trend-chart'
  place.style.width = '800px'
  view = null
  pointed = null
  chart = drawTrend(place, { pointed: (at) => (pointed = at), viewed: (next) => (view = next) })
  chart.show({ trend, limits: null }, null)
})
afterEach(() => {
  chart.remove()
  place.remove()
})

const over = (): HTMLElement => {
  const found = place.querySelector<HTMLElement>('.u-over')
  if (found === null) throw new Error('no chart')
  return found
}
/** Minutes from the beginning of the hour to both ends of what is shown. */
const minutes = (): readonly number[] | null =>
  view === null ? null : [view.from, view.to].map((at) => Math.round((at - trend.from / 1_000) / 6) / 10)
/** Where this part of the width is on the screen. */
const at = (part: number) => {
  const { left, top, width, height } = over().getBoundingClientRect()
  return { clientX: left + width * part, clientY: top + height / 2 }
}

function finger(type: string, id: number, part: number): void {
  const init = { ...at(part), pointerId: id, pointerType: 'touch', bubbles: true, cancelable: true }
  over().dispatchEvent(new PointerEvent(type, init))
}

function wheel(deltaY: number, ctrlKey: boolean): WheelEvent {
  const event = new WheelEvent('wheel', { ...at(0.5), deltaY, ctrlKey, bubbles: true, cancelable: true })
  over().dispatchEvent(event)
  return event
}

test('two fingers zoom into what is between them, and one moves it', () => {
  finger('pointerdown', 1, 0.25)
  finger('pointerdown', 2, 0.75)
  finger('pointermove', 1, 0)
  finger('pointermove', 2, 1)
  expect(minutes()).toEqual([15, 45])
  finger('pointerup', 1, 0)
  finger('pointermove', 2, 0.5)
  expect(minutes()).toEqual([30, 60])
  finger('pointerup', 2, 0.5)
  finger('pointermove', 2, 0)
  expect(minutes()).toEqual([30, 60])
})

test('one finger on all of it does nothing, and up and down it scrolls the page', () => {
  finger('pointerdown', 1, 0.5)
  finger('pointermove', 1, 0.1)
  expect(view).toBeNull()
  expect(getComputedStyle(over()).touchAction).toBe('pan-y')
})

test('a wheel zooms with Ctrl, where the page does not grow, and scrolls the page without', () => {
  expect(wheel(-400, false).defaultPrevented).toBe(false)
  expect(view).toBeNull()
  expect(wheel(-346.6, true).defaultPrevented).toBe(true)
  expect(minutes()).toEqual([15, 45])
  for (let n = 0; n < 30; n += 1) wheel(-400, true)
  expect((view?.to ?? 0) - (view?.from ?? 0)).toBeCloseTo(MIN_SPAN_S)
  for (let n = 0; n < 30; n += 1) wheel(400, true)
  expect(view).toBeNull()
})

test('a mouse marks what is shown, and twice pressed shows all of it', async () => {
  const { left, top, width, height } = over().getBoundingClientRect()
  const mouse = (type: string, x: number) => {
    const init = { clientX: left + x, clientY: top + height / 2, bubbles: true, button: 0, movementX: 1 }
    ;(type === 'mouseup' ? document : over()).dispatchEvent(new MouseEvent(type, init))
  }
  mouse('mouseenter', width / 4)
  mouse('mousemove', width / 4)
  mouse('mousedown', width / 4)
  mouse('mousemove', width / 3)
  mouse('mousemove', width / 2)
  mouse('mouseup', width / 2)
  await expect.poll(minutes).toEqual([15, 30])
  over().dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))
  await expect.poll(() => view).toBeNull()
})

test('what a button zooms stays about the pointer, and what is pointed at comes into sight', async () => {
  chart.zoom(0.5)
  expect(minutes()).toEqual([15, 45])
  chart.move(0.5)
  expect(minutes()).toEqual([30, 60])
  chart.step(Number.NEGATIVE_INFINITY)
  await expect.poll(() => pointed).toBe(trend.from)
  expect(minutes()).toEqual([0, 30])
  chart.zoom(0.5)
  expect(minutes()).toEqual([0, 15])
  chart.showAll()
  expect(view).toBeNull()
})

test('what is shown stays while the time goes on', () => {
  chart.zoom(0.5)
  const later = { ...trend, from: trend.from + 60_000, to: trend.to + 60_000 }
  chart.show({ trend: later, limits: null }, null)
  expect(minutes()).toEqual([15, 45])
})
