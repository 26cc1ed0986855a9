// A browser ends the worker of a page that lives on, as a phone does that runs short of memory: the page finds another one.
import { expect } from '@playwright/test'
import type { Tab } from './device.ts'
import { test } from './floor.ts'

/** Ends the shared worker of this page, of which nobody is told, and resolves when there is another one. */
async function endWorker({ page }: Tab): Promise<void> {
  const session = await page.context().browser()?.newBrowserCDPSession()
  if (session === undefined) throw new Error('no browser of its own')
  const { origin } = new URL(page.url())
  const worker = async (): Promise<string | null> => {
    const { targetInfos } = await session.send('Target.getTargets')
    return targetInfos.find(({ type, url }) => type === 'shared_worker' && url.startsWith(origin))?.targetId ?? null
  }
  const targetId = await worker()
  if (targetId === null) throw new Error('there is no shared worker')
  await session.send('Target.closeTarget', { targetId })
  await expect.poll(async () => [targetId, null].includes(await worker())).toBe(false)
  await session.detach()
}

test('[R42] [R48] pages whose shared worker was ended go on with another one, as often as it happens', async ({
  floor,
}) => {
  const device = await floor.device()
  const tabs = [await device.tab(), await device.tab()]
  const [one] = tabs
  if (one === undefined) throw new Error('no tab')
  await one.signIn('kim', '1111')
  for (const tab of tabs) await tab.show('Line chat')
  for (const time of ['first', 'second']) {
    await endWorker(one)
    for (const tab of tabs) {
      await expect(tab.connection).toContainText('Live')
      await tab.say(`After the ${time} time`)
      await expect(tab.pendingMarks).toHaveCount(0)
    }
    for (const tab of tabs) {
      await expect(tab.message(`After the ${time} time`)).toHaveCount(2)
    }
  }
})
