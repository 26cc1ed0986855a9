import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import type { AlertRecord, OrderRecord } from '../../relay/protocol/records.ts'
import { BOARD_SCENES } from '../testing/board-scenes.ts'
import { HandClock } from '../testing/hand-clock.ts'
import { painted, setStage } from '../testing/stage.ts'
import { TURN_MS } from '../state/wall.ts'

const stage = setStage(BOARD_SCENES)
const BANDS = '[data-testid=line-band]'
const WALLS = [
  'wall-shift-3',
  'wall-shift-4',
  'wall-shift-8',
  'wall-shift-20',
  'wall-three-digits',
  'wall-eight-offline',
  'wall-eight-named',
  'wall-eight',
  'wall-200',
  'wall-six',
  'wall-offline',
  'wall-old-orders',
  'wall-alone',
  'wall-p3',
  'wall',
  'wall-named',
] as const
const { style } = document.documentElement
beforeEach(() => {
  stage.root.style.height = '100vh'
  // As wide as the letters of a system come; those of the product are there from a second start on.
  style.setProperty('--system-type', '"DejaVu Sans"')
})
afterEach(() => void style.removeProperty('--system-type'))

describe.each([
  [1920, 1080],
  [1280, 720],
  [1080, 1920],
  [390, 844],
  [360, 640],
  [844, 390],
])('on a wall of %i × %i', (width, height) => {
  test.each(WALLS)('all of a band is to be seen (%s)', async (name) => {
    await page.viewport(width, height)
    await stage.show(name)
    await expect.poll(() => stage.all(BANDS).length).toBeGreaterThan(2)
    expect(stage.all(BANDS).flatMap(cutOf)).toEqual([])
  })
})

test('a band names what is wrong now, and nothing that is over and only waits to be confirmed', async () => {
  await stage.show('wall-over')
  const band = (area: string): HTMLElement => stage.find(`${BANDS}[data-area=${area}]`)
  await expect.poll(() => stage.all(BANDS).length).toBe(3)
  expect(band('line-3').dataset['standing']).not.toBe('alert')
  expect(band('line-3').querySelector('.band-title')).toBeNull()
  expect(band('line-2').querySelector('.band-title')?.textContent).toContain('Torque')
  expect(band('line-2').querySelector('.band-more')).toBeNull()
  await stage.show('line-over')
  await expect.poll(() => stage.root.querySelector('.line-since')).not.toBeNull()
  expect(stage.find('.line-since').textContent).toBe('')
  await expect.poll(() => stage.find('.line-wrong').textContent).toContain('Hydraulic pressure low')
})

test.each(['wall-200', 'site-200'])(
  'of a site of more lines than can be followed it says what is not known (%s)',
  async (name) => {
    const UNKNOWN = 'P2 and P3 of 104 lines not known here'
    await stage.show(name)
    await expect.poll(() => stage.root.querySelector('.site-notes')?.textContent).toBe(UNKNOWN)
    const scene = BOARD_SCENES[name]
    if (scene === undefined) throw new Error(name)
    const calm = scene.view.channels.map((one) => (one.channel.includes('alerts') ? { ...one, records: {} } : one))
    const channels = calm.filter(({ channel }) => !/^alerts\/line-(9[7-9]|\d{3})$/.test(channel))
    await stage.open({ ...scene, view: { ...scene.view, channels } })
    const said = () => stage.root.querySelector('.wall-summary, .view-summary')?.textContent.trim()
    await expect.poll(said).toBe(`No P0 or P1${UNKNOWN}`)
  },
)

test('of more wrong lines than have a place a wall says how many are not shown, and comes to them', async () => {
  const clock = new HandClock()
  await stage.show('wall-nine-wrong', { clock })
  const shown = () => stage.all(BANDS).map(({ dataset }) => dataset['area'] ?? '')
  const FIRST = ['line-6', 'line-3', 'line-5', 'line-11', 'line-12', 'line-13', 'line-14', 'line-15']
  await expect.poll(shown).toEqual(FIRST)
  expect(stage.find('.wall-elsewhere').textContent).toBe('1 line with alerts not shown')
  expect(stage.find('.wall-page').textContent).toBe('With alerts1 of 2')
  await painted()
  clock.pass(TURN_MS)
  await expect.poll(shown).toEqual([...FIRST.slice(0, 4), 'line-2'])
  expect(stage.find('.wall-elsewhere').textContent).toBe('4 lines with alerts not shown')
  await painted()
  clock.pass(TURN_MS)
  await expect.poll(() => stage.find('.wall-page').textContent).toBe('Other lines1 of 48')
  expect(shown()).toEqual([...FIRST.slice(0, 4), 'line-1', 'line-4', 'line-7', 'line-8'])
})

test('a wall without a person says for whom work orders are, and of a line what it knows: that it has no alert', async () => {
  const standingOf = (area: string) => stage.root.querySelector(`[data-area=${area}] .band-standing`)?.textContent
  await stage.show('wall-alone')
  await expect
    .poll(() => stage.root.querySelector('.site-notes')?.textContent)
    .toMatch(/^Work orders are shown to people/)
  expect(standingOf('line-4')).toBe('No alert')
  await stage.show('wall-offline')
  await expect.poll(() => standingOf('line-4')).toContain('No contact')
  expect(stage.root.querySelector('.site-notes')).toBeNull()
})

test('[P5] old orders show how a line stood, and since when, on a wall and at the head of a line', async () => {
  const TIME = String.raw`(\d+ \w+,? |\w+ \d+,? )?\d\d:\d\d`
  const band = (area: string) => stage.root.querySelector(`[data-area=${area}]`)?.textContent ?? ''
  await stage.show('wall-old-orders')
  await expect.poll(() => band('line-1')).toMatch(new RegExp(`Outdated.*since ${TIME} · then: Runs`))
  expect(band('line-4')).toMatch(/Outdated.*then: Runs/)
  expect(band('line-3')).toMatch(/Alert P1.*4 min.*As of/)
  expect(band('line-1')).not.toContain('As of')
  await stage.show('line-old-orders')
  await expect.poll(() => stage.find('.line-head').textContent).toMatch(/Outdated.*since .* · then: Waits.*As of/)
  expect(stage.find('.line-wrong').textContent).not.toContain('when it was last known')
})

test('a P3, which is no state of its line, says in the band what it is, alone as well', async () => {
  await page.viewport(1920, 1080)
  await stage.show('wall-p3')
  const band = '[data-testid=line-band][data-area=line-3]'
  const counts = () => stage.root.querySelector(`${band} .band-named .alert-counts`)?.textContent.trim()
  await expect.poll(counts).toBe('P3 1')
  expect(stage.find(band).dataset['standing']).toBe('waits')
  expect(stage.root.querySelector('[data-area=line-1] .alert-counts')).toBeNull()
})

test('alerts are counted by priority in a band, at the head of a line and for the site, and more orders that run', async () => {
  const counts = (place: string) => stage.root.querySelector(`${place} .alert-counts`)?.textContent.trim()
  await page.viewport(1920, 1080)
  const scene = BOARD_SCENES['wall']
  if (scene === undefined) throw new Error('no wall')
  const running = (): typeof scene.view.channels =>
    scene.view.channels.map((channel) => {
      if (channel.channel !== 'orders/line-1') return channel
      const records = Object.entries(channel.records ?? {}).map(([id, held]) => {
        const order = held.record as OrderRecord
        return [id, { ...held, record: { ...order, fields: { ...order.fields, status: 'running' } } }] as const
      })
      return { ...channel, records: Object.fromEntries(records) }
    })
  await stage.open({ ...scene, view: { ...scene.view, channels: running() } })
  const marks = (area: string) =>
    stage.all(`[data-area=${area}] .standing-counts > span`).map(({ ariaLabel }) => ariaLabel)
  await expect.poll(() => marks('line-3')).toEqual(['High 1', 'Medium 1', 'Low 1'])
  // One says it as a state.
  expect(marks('line-2')).toEqual([])
  expect(counts('.wall-summary')).toBe('P1 1 P2 2 P3 1')
  expect(stage.find('[data-area=line-1] .band-more').ariaLabel).toBe('2 more orders run')
  await stage.show('line')
  await expect.poll(() => counts('.line-head')).toBe('P1 1 P2 1 P3 1')
})

describe.each([
  [1920, 1080],
  [1280, 720],
  [1080, 1920],
])('what is wrong is cut on a wall of %i × %i', (width, height) => {
  test.each(['wall-eight-offline', 'wall-offline', 'wall-eight', 'wall-200', 'wall-shift-8'])(
    'only where there is no room for it, and leaves room for how long it has been and who has it (%s)',
    async (name) => {
      await page.viewport(width, height)
      await stage.show(name)
      await expect.poll(() => stage.all(BANDS).length).toBeGreaterThan(2)
      await painted()
      const titles = (BOARD_SCENES[name]?.view.channels ?? []).flatMap(({ records }) =>
        Object.values(records ?? {}).map(({ record }) => (record as Partial<AlertRecord>).title ?? ''),
      )
      const flows = stage.all('.band-flows .band-what:has(.band-title)')
      expect(flows.length).toBeGreaterThan(1)
      for (const flow of flows) {
        const title = flow.querySelector('.band-title') ?? fail()
        const said = title.textContent
        expect([said, isAllSeen(flow)]).toEqual([said, true])
        const [start = '', end] = said.replaceAll('\u{A0}', ' ').split('…')
        if (end === undefined) continue
        title.textContent = titles.find((one) => one.startsWith(start) && one.endsWith(end)) ?? fail()
        expect([said, isAllSeen(flow, 0.8)]).toEqual([said, false])
      }
    },
  )
})

function fail(): never {
  throw new Error('no such part')
}

/** Whether the title, how long it has been and who has it have room in a flow; so much of its last row, if not all. */
function isAllSeen(flow: HTMLElement, ofLastRow = 1): boolean {
  const box = flow.getBoundingClientRect()
  const words = document.createRange()
  words.selectNodeContents(flow.querySelector('.band-title') ?? fail())
  const others = [...flow.querySelectorAll('.band-age, .band-named .band-more')]
  const parts = [...words.getClientRects(), ...others.map((one) => one.getBoundingClientRect())]
  return parts.every(({ right, bottom, height }) => {
    const isLast = bottom + height / 2 > box.bottom
    return bottom < box.bottom + height / 4 && (!isLast || right <= box.left + box.width * ofLastRow + 1)
  })
}

/** What of a band stands beyond it, or over what is beside it. */
function cutOf(band: HTMLElement): readonly string[] {
  const { top, bottom } = band.getBoundingClientRect()
  const parts = [...band.children].filter((part) => part.getBoundingClientRect().height > 0)
  return parts.flatMap((part) => {
    const box = part.getBoundingClientRect()
    const isCut = box.top < top - 1 || box.bottom > bottom + 1 || part.scrollWidth > part.clientWidth + 1
    return isCut
      ? [`${part.className}: ${Math.round(box.height)} of ${Math.round(bottom - top)}: ${part.textContent}`]
      : []
  })
}
