import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { AlertRecord } from '../../relay/protocol/records.ts'
import { alert, ALERTS, ORDERS, SESSION, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { setStage } from '../testing/stage.ts'
import { clock } from '../text/format.ts'

const stage = setStage()

/** Years away from the clock of this machine. */
const NOW = Date.parse('2031-05-04T10:00:30.000Z')
const FIRE = alert(1, { priority: 'P1', raised: { by: 'lee', on: 'press-2', at: '2031-05-04T09:56:00.000Z' } })

async function open(hash: string, urgent: readonly AlertRecord[]): Promise<void> {
  await page.viewport(1_920, 1_080)
  const channels = [stateChannel(URGENT_CHANNEL, 1, urgent), stateChannel(ALERTS, 1), stateChannel(ORDERS, 1)]
  const session = { ...SESSION, areas: ['line-3'] }
  await stage.open({ hash, view: view(0, { channels, session, areas: ['line-3'] }), serverNow: () => NOW })
}

const words = (selector: string) => () => stage.root.querySelector(selector)?.textContent

test('[P7] how long something is wrong is told by the clock of the server, on a line and on a wall', async () => {
  await open('#/line-3/line', [FIRE])
  await expect.poll(words('.line-since')).toContain('4 min')
  await open('#/wall', [FIRE])
  await expect.poll(words('.band-age')).toBe('4 min')
  expect(words('.wall-clock')()).toBe(clock(new Date(NOW)))
})

test('[P7] since when all is quiet is told by the clock of the server', async () => {
  await open('#/line-3/line', [])
  await expect.poll(words('.line-wrong .line-quiet')).toContain(`All quiet since ${clock(new Date(NOW))}`)
  await open('#/wall', [])
  await expect.poll(words('.wall-summary')).toContain(`All quiet since ${clock(new Date(NOW))}`)
})
