import { describe, expect, it } from 'vitest'
import { idIn, pressedNotification } from './notification-click.ts'
import type { PageClient } from './service-worker-scope.ts'

function page(name: string, said: string[], state: Partial<Pick<PageClient, 'focused' | 'visibilityState'>> = {}) {
  const client: PageClient = {
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
    data,
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
    expect(said).toEqual(['opens /'])
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
