import { beforeEach, describe, expect, it } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { id, LIVE, SESSION, view } from '../../relay/domain/testing/samples.ts'
import type { RelayView } from '../../relay/protocol/local.ts'
import type { SearchHit, SearchPage, SearchQuery } from '../../relay/protocol/search.ts'
import { STEADY_MS } from '../state/press-guard.ts'
import { HandClock } from '../testing/hand-clock.ts'
import { SCENES } from '../testing/scenes.ts'
import { leastPressed, setStage } from '../testing/stage.ts'
import { searchWords } from '../text/search-words.ts'
import { speak } from '../text/text.ts'

const stage = setStage()
let clock: HandClock
beforeEach(() => {
  clock = new HandClock()
})
const AWAY = { ...LIVE, state: 'waiting', since: null, retryAt: null } as const

const hit = (over: Partial<SearchHit>): SearchHit => ({
  kind: 'chat',
  area: 'line-3',
  id: id(900),
  at: '2026-11-20T06:00:00.000Z',
  by: 'kim',
  title: null,
  text: { text: '금형을 교체했습니다', marks: [[0, 2]] },
  ...over,
})
const pageOf = (...hits: readonly SearchHit[]): SearchPage => ({ hits: [...hits], next: null, isWhole: true })

async function open(finds: (query: SearchQuery) => SearchPage | null, over: Partial<RelayView> = {}) {
  const mounted = await stage.open({ hash: '#/line-3/orders', view: view(0, over), finds, clock })
  return mounted
}

async function ask(words: string): Promise<void> {
  await userEvent.click(stage.find('[data-testid="search"]'))
  await userEvent.fill(stage.find('dialog input'), words)
}

/** Once it has stood for a while: what came by itself takes no press before. */
async function pressHit(index: number): Promise<void> {
  clock.pass(STEADY_MS)
  await userEvent.click(stage.all('.search-hit-press')[index] ?? stage.root)
}

const hits = () => stage.all('[data-testid="search-hit"]')
const said = () => stage.find('dialog .sheet-body').textContent

describe('[F11] the search', () => {
  it('opens by a press, by a slash and by Ctrl+K, from any view of a person', async () => {
    const { app } = await open(() => pageOf())
    await userEvent.click(stage.find('[data-testid="search"]'))
    expect(app.sheet.value).toEqual({ kind: 'search' })
    for (const keys of ['/', '{Control>}k{/Control}']) {
      app.sheet.value = null
      await expect.poll(() => stage.all('dialog')).toHaveLength(0)
      await userEvent.keyboard(keys)
      await expect.poll(() => stage.all('dialog')).toHaveLength(1)
    }
    await expect.poll(() => document.activeElement).toBe(stage.find('dialog input'))
  })

  it('is not there while nobody is signed in', async () => {
    await open(() => pageOf(), { session: null })
    expect(stage.all('[data-testid="search"]')).toHaveLength(0)
    await userEvent.keyboard('{Control>}k{/Control}')
    expect(stage.all('dialog')).toHaveLength(0)
  })

  it('says what can be found, what is not found, and that the server is needed', async () => {
    const { relay } = await open(() => pageOf())
    await userEvent.click(stage.find('[data-testid="search"]'))
    expect(said()).toContain(searchWords().hint)
    await userEvent.fill(stage.find('dialog input'), 'zzz')
    await expect.poll(said).toContain(searchWords().none('zzz'))
    expect(relay.heard.filter(({ t }) => t === 'search')).toHaveLength(1)
    await open(() => null, { status: AWAY })
    await userEvent.click(stage.find('[data-testid="search"]'))
    expect(said()).toContain(searchWords().unreached)
    await userEvent.fill(stage.find('dialog input'), 'oil')
    await expect.poll(() => stage.all('dialog [role="alert"]')).toHaveLength(1)
    expect(said()).toContain(searchWords().unreached)
  })

  it('shows what was found by kind, with its places marked and never as markup', async () => {
    const markup = '<img src=x onerror="window.wasHacked = true"> oil'
    await open(() =>
      pageOf(
        hit({ text: { text: markup, marks: [[46, 49]] } }),
        hit({
          kind: 'orders',
          id: id(901),
          title: { text: 'A-1042 oil pan', marks: [[7, 10]] },
          text: { text: '', marks: [] },
        }),
        hit({ kind: 'notes', id: 'line-3/2026-11-20-late', title: { text: '2026-11-20-late', marks: [] } }),
      ),
    )
    await ask('oil')
    await expect.poll(hits).toHaveLength(3)
    expect(stage.all('.search-kind h3').map(({ textContent }) => textContent)).toEqual([
      searchWords().kinds.orders,
      searchWords().kinds.notes,
      searchWords().kinds.chat,
    ])
    expect(stage.all('.search-hit mark').map(({ textContent }) => textContent)).toEqual(['oil', '금형', 'oil'])
    expect(hits().at(-1)?.textContent).toContain(markup)
    expect('wasHacked' in window).toBe(false)
  })

  it('a press opens the order, and shows an alert here that is not loaded', async () => {
    const { app } = await open(() =>
      pageOf(hit({ kind: 'alerts' }), hit({ kind: 'orders', id: id(901), title: { text: 'A-1', marks: [] } })),
    )
    await ask('금형')
    await expect.poll(hits).toHaveLength(2)
    await pressHit(1)
    expect(app.sheet.value?.kind).toBe('search')
    await expect.poll(said).toContain(searchWords().notHere)
    await pressHit(0)
    expect(app.sheet.value).toEqual({ kind: 'order', id: id(901), draft: {} })
  })

  it('a press goes to a message that is loaded', async () => {
    const chat = SCENES['chat']
    if (chat === undefined) throw new Error('no scene')
    const { app } = await stage.open({
      ...chat,
      hash: '#/line-3/orders',
      finds: () => pageOf(hit({ id: String(key) })),
      clock,
    })
    const key = app.chat.value[0]?.key
    await ask('금형')
    await expect.poll(hits).toHaveLength(1)
    await pressHit(0)
    await expect.poll(() => app.view.value).toBe('chat')
    expect(app.sheet.value).toBeNull()
  })
})

describe.each([
  [1920, 1080],
  [1280, 800],
  [390, 844],
] as const)('on %i × %i', (width, height) => {
  it.each(['en', 'ko'] as const)('everything is as large as a glove, and fits, in %s', async (language) => {
    await page.viewport(width, height)
    await open(
      () => ({
        ...pageOf(hit({}), hit({ kind: 'alerts', id: id(902), title: { text: 'x'.repeat(120), marks: [] } })),
        next: '1',
        isWhole: false,
      }),
      { session: SESSION },
    )
    await speak(language)
    const button = stage.find('[data-testid="search"]').getBoundingClientRect()
    expect(button.right).toBeLessThanOrEqual(width)
    expect(Math.min(button.width, button.height)).toBeGreaterThanOrEqual(44)
    await ask('금형')
    await expect.poll(hits).toHaveLength(2)
    for (const press of stage.all('.search-hit-press'))
      expect(press.getBoundingClientRect().height).toBeGreaterThanOrEqual(leastPressed(width, height) - 1)
    const body = stage.find('dialog .sheet-body')
    expect(body.scrollWidth).toBeLessThanOrEqual(body.clientWidth)
  })
})
