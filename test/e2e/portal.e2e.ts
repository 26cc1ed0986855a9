// The page of docs/portal.md as it stands there, built by Vite and served beside the API, on a relay in a real SharedWorker.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { build } from 'vite'
import { makePortal } from '../support/portal.ts'
import { test as floorTest } from './floor.ts'

const test = floorTest.extend({
  serverArguments: async ({ folder }, use) => {
    const portal = join(folder, 'portal')
    mkdirSync(portal)
    makePortal(portal, '')
    const out = join(folder, 'pages')
    await build({ root: portal, logLevel: 'warn', build: { outDir: out, emptyOutDir: true } })
    await use(['--pages', out])
  },
})

test('a page of a portal reads, signs in and posts, and its pages share one relay [P1] [P2]', async ({ floor }) => {
  const device = await floor.device()
  const { page } = await device.tab()
  await expect(page).toHaveTitle('1 said')
  // Another page of the browser: the same relay, the same person; what it posts is on both.
  const other = await device.tab()
  await expect(other.page).toHaveTitle('2 said')
  await expect(page).toHaveTitle('2 said')
})
