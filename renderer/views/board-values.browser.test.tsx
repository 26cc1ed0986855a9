import { afterEach, beforeEach, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import { BOARD_SCENES } from '../testing/board-scenes.ts'
import type { Mounted, MountedWindow } from '../testing/mount.tsx'
import { press } from '../testing/finger.ts'
import type { Scene } from '../testing/scenes.ts'
import { setStage } from '../testing/stage.ts'
import { ko } from '../text/ko.ts'
import { setWords } from '../text/text.ts'

const stage = setStage(BOARD_SCENES)
const { dataset } = document.documentElement
beforeEach(() => page.viewport(1920, 1080))
afterEach(() => void delete dataset['theme'])

/** With all the values that are shown, of the moment. */
async function showLive(name: string, over: Partial<Mounted> = {}): Promise<MountedWindow> {
  const shown = await stage.show(name, over)
  const bring = (): number => {
    for (const [channel, values] of Object.entries(BOARD_SCENES[name]?.live ?? {}))
      shown.relay.live(channel as ChannelName, values)
    shown.app.now.value = Date.now()
    return stage.all('.line-value:not(.line-value-current)').length
  }
  await expect.poll(() => stage.all('.line-value').length).toBeGreaterThan(2)
  await expect.poll(bring).toBe(0)
  return shown
}

function fail(): never {
  throw new Error('no such part')
}

const SUMMARIES = { 'wall-quiet': '.wall-summary', 'site-quiet': '.view-summary', 'line-beyond': '.line-quiet p' }

test.each(Object.entries(SUMMARIES))(
  'nothing is called quiet beside a value that is beyond its limit (%s)',
  async (name, summary) => {
    const { relay, app } = await showLive(name)
    await expect.poll(() => stage.find(summary).textContent).toBe('1 value beyond its limit')
    expect(stage.root.textContent).not.toMatch(/quiet since|Nothing needs anybody/)
    setWords(ko)
    await expect.poll(() => stage.find(summary).textContent).toBe('한계를 벗어난 값 1개')
    // Back within its limits.
    for (const [channel, values] of Object.entries(BOARD_SCENES[name]?.live ?? {})) {
      const within = values.map((one) => ({
        ...one,
        at: new Date().toISOString(),
        value: { ...(one.value as object), value: 60 },
      }))
      if (channel.includes('/oil-')) relay.live(channel as ChannelName, within)
    }
    await expect
      .poll(() => {
        app.now.value = Date.now()
        return stage.find(summary).textContent
      })
      .toMatch(/부터 이상 없음$/)
  },
)

test('the band of the line says so itself', async () => {
  await showLive('wall-quiet')
  const said = stage.all('[data-testid=line-band]').map((band) => band.querySelector('.band-beyond')?.textContent)
  expect(said).toEqual([undefined, '1 value beyond its limit', undefined])
})

test.each(['light', 'dark'])(
  'a value beyond its limit is marked by colour as well, on the red of a P0 too (%s)',
  async (theme) => {
    for (const name of ['wall-quiet', 'site-p0-beyond', 'line-beyond']) {
      await showLive(name)
      dataset['theme'] = theme
      const { backgroundColor, color } = getComputedStyle(stage.find('.is-beyond .line-value-number'))
      expect([backgroundColor, color], name).toEqual(['rgb(255, 225, 77)', 'rgb(17, 17, 17)'])
    }
  },
)

test.each([1920, 1440, 1280, 1024, 700, 390])('no line of the past lies over its value (%i wide)', async (width) => {
  await page.viewport(width, 800)
  await showLive('site-quiet')
  await expect.poll(() => stage.all('.spark-line').length).toBeGreaterThan(3)
  for (const value of stage.all('.line-value')) {
    const [number, spark] = ['.line-value-number', '.spark'].map((part) => value.querySelector(part))
    const words = document.createRange()
    words.selectNodeContents(number ?? fail())
    const end = words.getBoundingClientRect().right
    const past = spark?.getBoundingClientRect() ?? fail()
    // Where there is no room there is none.
    if (past.width > 0) expect(end, value.textContent).toBeLessThanOrEqual(past.left + 1)
    expect(end, value.textContent).toBeLessThanOrEqual(value.getBoundingClientRect().right + 1)
  }
})

test.each([
  [1920, 1080],
  [1280, 720],
  [1080, 1920],
  [390, 844],
])(
  'on a wall of %i × %i a value that is marked leaves room for the others, and all of its band to be seen',
  async (width, height) => {
    stage.root.style.height = '100vh'
    await page.viewport(width, height)
    for (const name of ['wall-quiet', 'wall-named', 'wall-eight']) {
      await showLive(name)
      expect(stage.all('.is-beyond').length, name).toBeGreaterThan(0)
      for (const band of stage.all('[data-testid=line-band]')) {
        const { top, bottom } = band.getBoundingClientRect()
        const parts = [...band.children].filter(({ clientHeight }) => clientHeight > 0)
        const boxes = parts.map((part) => [part.className, part.getBoundingClientRect()] as const)
        expect(boxes.filter(([, part]) => part.top < top - 1 || part.bottom > bottom + 1)).toEqual([])
      }
      for (const values of stage.all('.band-values').filter(({ clientHeight }) => clientHeight > 0)) {
        const numbers = [...values.querySelectorAll('.line-value-number')].map((number) => {
          const words = document.createRange()
          words.selectNodeContents(number)
          const { left, top } = words.getBoundingClientRect()
          return { left, right: number.getBoundingClientRect().right, top, said: number.textContent }
        })
        const { right } = values.getBoundingClientRect()
        const isOver = numbers.filter((one, index) => {
          const next = numbers[index + 1]
          const end = next !== undefined && Math.abs(next.top - one.top) < 5 ? next.left - 4 : right + 1
          return one.right > end
        })
        expect(isOver, name).toEqual([])
      }
    }
  },
)

test.each(['light', 'dark'])(
  'a wall is dark at night, can be read, and is as bright as ever where something is wrong (%s)',
  async (theme) => {
    stage.root.style.height = '100vh'
    dataset['theme'] = theme
    const looksAt = async (hour: number): Promise<readonly string[]> => {
      await showLive('wall-eight', { serverNow: () => new Date(2026, 10, 30, hour).getTime() })
      return stage.all('[data-testid=line-band]').map((band) => {
        const { backgroundColor, color } = getComputedStyle(band)
        return `${backgroundColor} ${color}`
      })
    }
    const atNoon = await looksAt(12)
    expect(stage.root.querySelector('.is-dim')).toBeNull()
    const atNight = await looksAt(23)
    expect(stage.root.querySelector('.is-dim')).not.toBeNull()
    // Four lines have an alert, and the last one has a value beyond its limit.
    const DIM = 'rgb(21, 23, 26) rgb(154, 157, 161)'
    expect(atNight).toEqual(atNoon.map((look, index) => (index >= 4 && index < 7 ? DIM : look)))
  },
)

test.each(['light', 'dark'])(
  'a line with a P3 alone is not dim at night, and those beside it are (%s)',
  async (theme) => {
    dataset['theme'] = theme
    await showLive('wall-p3', { serverNow: () => new Date(2026, 10, 30, 23).getTime() })
    const inkOf = (area: string): string => getComputedStyle(stage.find(`[data-area=${area}]`)).color
    const [alarm, calm] = [inkOf('line-3'), inkOf('line-1')]
    expect(alarm).not.toBe(calm)
    expect(calm).toBe('rgb(154, 157, 161)')
  },
)

test('on a board of many pages it is said that the values are those of this page', async () => {
  const manyLines = BOARD_SCENES['wall-24']
  if (manyLines === undefined) throw new Error('no such scene')
  const calm = manyLines.view.channels.map((one) => (one.channel.includes('alerts') ? { ...one, records: {} } : one))
  await showLive('wall-24', {
    view: { ...manyLines.view, channels: calm },
  })
  expect(stage.find('.wall-summary').textContent).toMatch(/^\d values? on this page beyond/)
})

test.each([
  [1920, 1080],
  [1080, 1920],
])(
  'what is wrong says what runs, who is on and what is measured, as far as there is room (%i wide)',
  async (width, height) => {
    stage.root.style.height = '100vh'
    await page.viewport(width, height)
    await showLive('wall')
    const few = stage.find('[data-area=line-3]')
    expect(few.querySelectorAll('.band-values .line-value').length).toBe(2)
    await showLive('wall-six')
    const band = stage.find('[data-area=line-3] .band-what')
    const { bottom } = band.getBoundingClientRect()
    const seen = ['.band-title', '.band-age', '.band-order-number', '.band-people', '.line-value'].filter(
      (part) => (band.querySelector(part)?.getBoundingClientRect().bottom ?? Infinity) < bottom + 2,
    )
    expect(seen).toEqual(['.band-title', '.band-age', '.band-order-number', '.band-people', '.line-value'])
  },
)

/** The scene with the same signal, of another name, on both machines of its first line. */
function alike(name: string, label: string): Scene {
  const scene = BOARD_SCENES[name]
  if (scene === undefined) throw new Error(name)
  const channels = scene.view.channels.map((channel) => {
    if (channel.channel !== 'equipment/line-1') return channel
    const records = Object.entries(channel.records ?? {}).map(([key, held]) => {
      const machine = held.record as MachineRecord
      const signals = machine.signals.slice(0, 1).map((signal) => ({ ...signal, label }))
      return [key, { ...held, record: { ...machine, signals } }] as const
    })
    return { ...channel, records: Object.fromEntries(records) }
  })
  return { ...scene, view: { ...scene.view, channels } }
}

test.each(['wall-quiet', 'wall-eight', 'site-quiet'])(
  'two values of one name say of which machine each is (%s)',
  async (name) => {
    await stage.open(alike(name, 'Pressure'))
    const named = (area: string) =>
      stage.all(`[data-area=${area}] .line-value-name`).map(({ textContent }) => textContent)
    await expect.poll(() => named('line-1')).toEqual(['Hydraulics 1 · Pressure', 'Press 1 · Pressure'])
    expect(named('line-2')).toEqual(['Oil temperature', 'Press force'])
    // Both machines are to be seen, however little room there is.
    for (const machine of stage.all('[data-area=line-1] .line-value-name .row-name:first-child'))
      expect(machine.clientWidth).toBeGreaterThan(40)
  },
)

test.each([1920, 1280, 700, 390])('the names of values have all of their place (%i wide)', async (width) => {
  await page.viewport(width, 900)
  await showLive('site-quiet')
  const names = stage.all('.line-value-name .row-name > :first-child')
  expect(names.length).toBe(6)
  for (const name of names)
    expect([name.textContent, name.scrollWidth - name.clientWidth]).toEqual([name.textContent, 0])
})

test.each([1920, 390])(
  '[P5] of a longer name its middle is left out, and how old it is never (%i wide)',
  async (width) => {
    await page.viewport(width, 900)
    const scene = alike('site-offline', 'Temperature of the oil behind the secondary circuit of the pump 2')
    const { relay, app } = await stage.open(scene)
    await expect
      .poll(() => {
        for (const [channel, values] of Object.entries(scene.live ?? {})) relay.live(channel as ChannelName, values)
        app.now.value = Date.now()
        return stage.all('[data-area=line-1] .line-value-age').length
      })
      .toBe(2)
    for (const name of stage.all('[data-area=line-1] .line-value-name')) {
      const { right } = name.getBoundingClientRect()
      const ends = [...name.querySelectorAll('.row-name > :last-child, .line-value-age')].slice(-2)
      expect(ends.map(({ textContent }) => textContent)).toEqual([' 2', ' · 10 min'])
      for (const end of ends) expect(end.getBoundingClientRect().right).toBeLessThanOrEqual(right + 1)
    }
  },
)

test('values that are chosen for a line stand first in its view and on boards, until they are taken away', async () => {
  await page.viewport(1280, 800)
  const { app } = await showLive('line-quiet')
  const named = () => stage.all('.line-values .line-value-name').map(({ textContent }) => textContent)
  await expect.poll(named).toEqual(['Oil temperature', 'Press force', 'Stroke rate'])
  await press(page.getByRole('button', { name: 'Choose values' }))
  await press(page.getByRole('button', { name: /^Stroke rate/ }))
  await expect.poll(named).toEqual(['Stroke rate', 'Oil temperature', 'Press force'])
  const kept = app.memory.values()
  expect([...kept]).toEqual([['line-3', ['press-3/strokes']]])
  app.sheet.value = null
  app.place.value = { view: 'wall', area: null }
  const onWall = () => stage.all('[data-area=line-3] .line-value-name').map(({ textContent }) => textContent)
  await expect.poll(onWall).toEqual(['Stroke rate', 'Oil temperature'])
  app.place.value = { view: 'line', area: 'line-3' }
  app.sheet.value = { kind: 'values' }
  await press(page.getByRole('button', { name: 'Remove: Stroke rate' }))
  await expect.poll(named).toEqual(['Oil temperature', 'Press force', 'Stroke rate'])
  expect(app.memory.values().size).toBe(0)
})
