import { expect, it } from 'vitest'
import { isPage, outdatedCaches } from './own-scope.ts'

const ROOT = 'https://plant.example/'
const ANDON = `${ROOT}andon/`

it('[R70] answers for its own page, and for no page of another floor', () => {
  const own = (path: string, scope: string) => isPage(new URL(path, ROOT), scope)
  for (const path of ['/andon/', '/andon/index.html', '/andon/?x=/', '/andon/#/line-3/orders'])
    expect([path, own(path, ANDON), own(path, ROOT)]).toEqual([path, true, false])
  for (const path of ['/', '/index.html', '/#/line-3/orders'])
    expect([path, own(path, ANDON), own(path, ROOT)]).toEqual([path, false, true])
  for (const path of ['/andon', '/andon/b/', '/andon/api/alerts', '/andon/healthz', '/andon2/'])
    expect([path, own(path, ANDON), own(path, ROOT)]).toEqual([path, false, false])
})

it('[R70] drops what an older Workbox kept of its floor, and nothing of the others', () => {
  const names = [ROOT, ANDON, `${ANDON}b/`].flatMap((scope) => [
    `workbox-precache-v1-${scope}`,
    `workbox-precache-v2-${scope}`,
  ])
  const kept = ['andon-fonts', 'andon-fonts/andon', ...names]
  const current = (scope: string) => `workbox-precache-v2-${scope}`
  for (const scope of [ROOT, ANDON])
    expect(outdatedCaches(kept, scope, current(scope))).toEqual([`workbox-precache-v1-${scope}`])
})
