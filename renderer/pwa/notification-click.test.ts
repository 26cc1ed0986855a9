import { describe, expect, it } from 'vitest'
import { idIn, pressedNotification } from './notification-click.ts'
import type { PageClient } from './service-worker-scope.ts'

const SCOPE = 'https://plant.example/andon/'

function page(
  name: string,
  said: string[],
  state: Partial<Pick<PageClient, 'url' | 'focused' | 'visibilityState'>> = {},
) {
  const client: PageClient = {
    url: `${SCOPE}#/line-3/alerts`,
    focused: false,
    visibilityState: 'hidden',
    ...state,
    postMessage: (message) => said.push(`${name} hears ${JSON.stringify(message)}`),
    focus: () => {
      said.push(`${name} to the front`)
      return Promise.resolve(client)
    },
  }
  return client
}

async function press(pages: readonly PageClient[], said: string[], data: unknown): Promise<void> {
  await pressedNotification(
    {
      matchAll: () => Promise.resolve(pages),
      openWindow: (url) => {
        said.push(`opens ${url}`)
        return Promise.resolve(null)
      },
    },
    { scope: SCOPE, data },
  )
}

describe('a pressed notification', () => {
  it('brings the page a person used last to the front, and tells it which', async () => {
    const said: string[] = []
    await press([page('last', said), page('older', said)], said, { id: 'a1' })
    expect(said).toEqual(['last hears {"t":"notice-pressed","id":"a1"}', 'last to the front'])
  })

  it('prefers a page that is seen, and the one with the focus above all', async () => {
    const said: string[] = []
    const seen = page('seen', said, { visibilityState: 'visible' })
    const focused = page('focused', said, { visibilityState: 'visible', focused: true })
    await press([page('last', said), seen], said, { id: 'a1' })
    await press([page('last', said), seen, focused], said, { id: 'a1' })
    expect(said.filter((words) => words.endsWith('front'))).toEqual(['seen to the front', 'focused to the front'])
  })

  it('opens a page where there is none', async () => {
    const said: string[] = []
    await press([], said, { id: 'a1' })
    expect(said).toEqual([`opens ${SCOPE}`])
  })

  it('[R70] is nothing to the pages of another floor, be it above, below or beside', async () => {
    for (const url of ['https://plant.example/', 'https://plant.example/andon/b/', 'https://plant.example/andon2/#x']) {
      const said: string[] = []
      await press([page('other', said, { url, focused: true })], said, { id: 'a1' })
      expect(said).toEqual([`opens ${SCOPE}`])
    }
    const said: string[] = []
    const other = page('other', said, { url: 'https://plant.example/', focused: true })
    await press([other, page('own', said, { url: `${SCOPE}index.html#/` })], said, { id: 'a1' })
    expect(said.at(-1)).toBe('own to the front')
  })

  it('of another version brings a page to the front all the same', async () => {
    for (const data of [null, 'a1', {}, { id: 7 }]) {
      const said: string[] = []
      await press([page('last', said)], said, data)
      expect(said).toEqual(['last to the front'])
      expect(idIn(data)).toBeNull()
    }
  })
})
