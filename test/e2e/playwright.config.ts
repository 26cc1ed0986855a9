import { defineConfig } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from '../../build/chromium.mjs'

const executablePath = findChromium()

// Every test starts the servers it needs, on ports and in folders of their own, so there is no `webServer` here, and three run
// side by side: mostly they wait for a server that comes back, and the machine may have two cores. Kiosks share a screen, and
// run one by one. Time limits end what hangs and nothing else: no test passes because the machine was fast.
// Playwright demands the default export.
export default defineConfig({
  testDir: '.',
  projects: [
    {
      name: 'web',
      testMatch: '**/*.e2e.ts',
      testIgnore: '**/kiosk*.e2e.ts',
      outputDir: '../../test-results/web',
      fullyParallel: true,
    },
    // On a real Electron, which needs a screen: build/checks.mjs provides it.
    { name: 'kiosk', testMatch: '**/kiosk*.e2e.ts', outputDir: '../../test-results/kiosk', workers: 1 },
  ],
  workers: 3,
  retries: 0,
  forbidOnly: true,
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    launchOptions: { args: CHROMIUM_ARGS, ...(executablePath !== null && { executablePath }) },
  },
})
