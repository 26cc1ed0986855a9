// A server that deflates: a browser takes what comes so, deflates what it sends, and shows the same as ever.
import { expect } from '@playwright/test'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import { HostileProxy } from '../support/hostile-proxy.ts'
import type { Tab } from './device.ts'
import { test } from './floor.ts'

test.use({ serverArguments: ['--compress', '--heartbeat-ms', '1000'] })

/** Together more than the kilobyte from which a page is deflated. */
const TEXTS = Array.from(
  { length: 8 },
  (_, at) => `Conveyor ${at}: the belt slips at the second drive, guard 4 is closed again`,
)

test('[Z1] [Z2] a page reads a deflated snapshot, sends, and goes on live', async ({ floor }) => {
  const author = await chat(await floor.tab())
  await sayAll(author, TEXTS)
  const reader = await floor.tab()
  expect(await extensions(reader)).toContain('permessage-deflate')
  await readsAndSends(reader, author)
})

for (const [obstacle, way] of [
  ['page', 'stream over HTTP'],
  ['held', 'requests over HTTP'],
] as const)
  test(`[Z1] [Z4] a page that is live by ${way} reads the same, and goes on live`, async ({ floor }) => {
    const author = await chat(await floor.tab())
    await sayAll(author, TEXTS)
    const proxy = new HostileProxy(Number(new URL(floor.url).port), obstacle, 5_500)
    const device = await floor.device({ url: await proxy.listen() })
    try {
      const reader = await device.tab()
      await reader.connection.click()
      await expect(reader.page.getByTestId('way')).toHaveText(way)
      await reader.page.keyboard.press('Escape')
      await readsAndSends(reader, author)
    } finally {
      device.expectNoErrors({ wasServerStopped: true })
      device.takeErrors()
      await device.close()
      await proxy.close()
    }
  })

async function chat(tab: Tab): Promise<Tab> {
  await tab.signIn('kim', '1111')
  await tab.show('Line chat')
  return tab
}

async function sayAll(tab: Tab, texts: readonly string[]): Promise<void> {
  for (const text of texts) await tab.say(text)
  await expect(tab.pendingMarks).toHaveCount(0)
}

async function readsAndSends(reader: Tab, author: Tab): Promise<void> {
  await chat(reader)
  for (const text of TEXTS) await expect(reader.message(text)).toHaveCount(1)
  await sayAll(reader, ['From here'])
  // More than a kilobyte alone: an event that is deflated.
  const long = 'Conveyor 9 stands still and nobody knows why. '.repeat(40).trim()
  await sayAll(author, [long, 'From there'])
  for (const tab of [reader, author])
    for (const words of ['From here', long, 'From there']) await expect(tab.message(words)).toHaveCount(1)
}

/** What the server agreed to with a WebSocket of this browser. */
function extensions({ page }: Tab): Promise<string> {
  return page.evaluate(
    (subprotocol) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(new URL('sync', location.href.replace(/^http/, 'ws')), subprotocol)
        socket.addEventListener('open', () => {
          resolve(socket.extensions)
          socket.close()
        })
      }),
    SUBPROTOCOL,
  )
}
