import { defineConfig } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from '../../build/chromium.mjs'

const executablePath = findChromium()

// Every test starts the servers it needs, on ports of their own, so there is no `webServer` here. One worker: the
// machine may have two cores. Time limits end what hangs and nothing else: no test passes because the machine was fast.
// Playwright demands the default export.
export default defineConfig({
  testDir: '.',
  projects: [
    { name: 'web', testMatch: '**/*.e2e.ts', testIgnore: '**/kiosk*.e2e.ts', outputDir: '../../test-results/web' },
    // On a real Electron, which needs a screen: build/checks.mjs provides it.
    { name: 'kiosk', testMatch: '**/kiosk*.e2e.ts', outputDir: '../../test-results/kiosk' },
  ],
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: { args: CHROMIUM_ARGS, ...(executablePath !== null && { executablePath }) },
  },
})
