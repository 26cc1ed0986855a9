import { expect, test } from 'vitest'
import { NO_LIVE, takeLive, type LiveModel } from '../../relay/domain/live.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { telemetryChannel } from '../../relay/protocol/machine-names.ts'
import type { MachineRecord, TelemetryValue } from '../../relay/protocol/telemetry.ts'
import { LiveTiles, secondsOld, TILES_PER_FRAME, type LiveTile } from './equipment.ts'

const AT = '2026-11-20T05:00:00.000Z'

function machine(id: string, signals = 4): MachineRecord {
  const names = Array.from({ length: signals }, (_, n) => `s${n}`)
  return {
    id,
    area: 'line-3',
    label: id,
    simulated: false,
    signals: names.map((name) => ({ name, unit: 'bar', label: null, limits: { low: null, high: 60 } })),
    lastSampleAt: null,
  }
}

/** A window with a clock and frames of its own. */
function window() {
  let live: LiveModel = NO_LIVE
  let now = 0
  const listeners = new Set<(model: LiveModel) => void>()
  const planned: { readonly at: number; readonly draw: () => void }[] = []
  const source = {
    get live() {
      return live
    },
    now: () => now,
    listenLive(changed: (model: LiveModel) => void) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
  }
  const frames = (ms: number, draw: () => void): (() => void) => {
    const plan = { at: now + ms, draw }
    planned.push(plan)
    return () => void planned.splice(planned.indexOf(plan), 1)
  }
  const brings = (id: string, values: Readonly<Record<string, number>>, ttlMs = 5_000): void => {
    const views = Object.entries(values).map(([key, value]) => {
      const sample: TelemetryValue = { value, unit: 'bar', at: AT, label: null, limits: null }
      return { key, value: sample, at: AT, ageMs: 0, ttlMs }
    })
    live = takeLive(live, { t: 'live', channel: telemetryChannel('line-3', id), values: views }, now)
    for (const changed of listeners) changed(live)
  }
  /** Draws one frame if one is due; how many tiles were drawn is for the test to see. */
  const frame = (): boolean => {
    const due = planned.findIndex(({ at }) => at <= now)
    if (due < 0) return false
    planned.splice(due, 1)[0]?.draw()
    return true
  }
  const passes = (ms: number): void => {
    now += ms
  }
  return { source, frames, brings, frame, passes, planned }
}

function started(machines: readonly MachineRecord[]) {
  const page = window()
  const tiles = new LiveTiles(page.source, page.frames)
  const rows = tiles.show(machines)
  const stop = tiles.start()
  while (page.frame());
  return { page, tiles, rows, stop }
}

const shownBy = (tile: LiveTile | undefined): number | null => tile?.reading.value.value?.value ?? null

test('a new value is drawn in a frame, in its own tile only', () => {
  const { page, rows, stop } = started([machine('press-1'), machine('press-2')])
  const drawn: string[] = []
  const releases = rows
    .flat()
    .map((tile) => tile.reading.subscribe(() => drawn.push(`${tile.machine.id}/${tile.signal.name}`)))
  drawn.length = 0
  page.brings('press-1', { s1: 41 })
  expect(drawn).toEqual([])
  page.passes(LIMITS.livePaceMs)
  page.frame()
  expect(drawn).toEqual(['press-1/s1'])
  expect(shownBy(rows[0]?.[1])).toBe(41)
  releases.forEach((release) => release())
  stop()
})

test('however often values come, a round of drawing begins ten times a second', () => {
  const { page, rows, stop } = started([machine('press-1')])
  const seen = new Set<number | null>()
  for (let n = 0; n < 100; n += 1) {
    page.brings('press-1', { s0: n })
    page.passes(10)
    page.frame()
    seen.add(shownBy(rows[0]?.[0]))
  }
  // A second: ten rounds, and what stood there before the first.
  expect(seen.size).toBeLessThanOrEqual(11)
  expect(seen.size).toBeGreaterThanOrEqual(9)
  stop()
})

test('[P8] a frame draws no more than fits into it; what is left comes in the next', () => {
  const machines = Array.from({ length: 30 }, (_, n) => machine(`m-${n}`, 8))
  const { page, rows, stop } = started(machines)
  for (const { id } of machines) page.brings(id, { s0: 7, s7: 7 })
  page.passes(LIMITS.livePaceMs)
  let drawnBefore = 0
  let frames = 0
  while (page.frame()) {
    frames += 1
    const drawn = rows.filter(([first]) => shownBy(first) === 7).length * 8
    expect(drawn - drawnBefore).toBeLessThanOrEqual(TILES_PER_FRAME + 8)
    drawnBefore = drawn
  }
  expect(drawnBefore).toBe(240)
  expect(frames).toBeGreaterThan(1)
  stop()
})

test('a machine out of sight is drawn when it comes into sight', () => {
  const { page, tiles, rows, stop } = started([machine('press-1')])
  tiles.sighted({ area: 'line-3', id: 'press-1' }, false)
  page.brings('press-1', { s0: 5 })
  page.passes(LIMITS.livePaceMs)
  page.frame()
  expect(shownBy(rows[0]?.[0])).toBeNull()
  tiles.sighted({ area: 'line-3', id: 'press-1' }, true)
  page.frame()
  expect(shownBy(rows[0]?.[0])).toBe(5)
  stop()
})

test('[P5] a value that is not confirmed any more looks old without any news', () => {
  const { page, tiles, rows, stop } = started([machine('press-1')])
  page.brings('press-1', { s0: 5 }, 5_000)
  page.passes(LIMITS.livePaceMs)
  page.frame()
  expect(rows[0]?.[0]?.reading.value.freshness).toBe('current')
  page.passes(5_000)
  tiles.look()
  page.frame()
  const reading = rows[0]?.[0]?.reading.value
  expect(reading).toMatchObject({ freshness: 'stale', value: { value: 5 } })
  expect(reading === undefined ? 0 : secondsOld(reading)).toBe(5)
  stop()
})

test('current values beyond their limits are counted, also those out of sight; old ones are not', () => {
  const { page, tiles, stop } = started([machine('press-1'), machine('press-2')])
  tiles.sighted({ area: 'line-3', id: 'press-2' }, false)
  page.brings('press-1', { s0: 61, s1: 60 })
  page.brings('press-2', { s0: 99 })
  tiles.look()
  expect(tiles.breached.value).toBe(2)
  page.passes(5_000)
  tiles.look()
  expect(tiles.breached.value).toBe(0)
  stop()
})

test('a machine is silent once its last value is old, or none came for a while', () => {
  const { page, tiles, stop } = started([machine('press-1'), machine('press-2')])
  page.brings('press-1', { s0: 5 })
  tiles.look()
  // Nobody can say of a window that has just begun.
  expect(tiles.silent.value).toEqual([])
  page.passes(5_000)
  tiles.look()
  expect(tiles.silent.value).toEqual(['press-1'])
  page.passes(5_000)
  tiles.look()
  expect(tiles.silent.value).toEqual(['press-1', 'press-2'])
  page.brings('press-1', { s0: 5 })
  tiles.look()
  expect(tiles.silentCount.value).toBe(1)
  // Its place it keeps for a while.
  expect(tiles.silent.value).toEqual(['press-1', 'press-2'])
  stop()
})

test('a machine that is described anew keeps its tiles on the screen', () => {
  const { page, tiles, rows, stop } = started([machine('press-1')])
  page.brings('press-1', { s0: 5 })
  page.passes(LIMITS.livePaceMs)
  page.frame()
  const again = tiles.show([{ ...machine('press-1'), label: 'Press one' }])
  expect(again[0]?.[0]?.machine.label).toBe('Press one')
  expect(again[0]?.[0]?.reading).toBe(rows[0]?.[0]?.reading)
  expect(shownBy(again[0]?.[0])).toBe(5)
  stop()
})

test('after the release nothing is drawn', () => {
  const { page, stop } = started([machine('press-1')])
  page.brings('press-1', { s0: 5 })
  stop()
  expect(page.planned).toEqual([])
  page.brings('press-1', { s0: 6 })
  expect(page.planned).toEqual([])
})
