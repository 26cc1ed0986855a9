/** Fresh keys, made by anybody, that want every screen of the floor full of alerts, and its disk of what they say they saw. */
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { CommandId, SessionId } from '../../relay/protocol/ids.ts'
import { besiegeFloor, command, endsOf, SITE_KEY, type Guest } from './besieged-floor.ts'

const floor = besiegeFloor({ extra: ['--new-device-areas', 'line-3'] })
const REFUSED = 'rejected too-many-alerts'

function raise(seq: number, title: string, session?: SessionId) {
  const data = { priority: 'P0', area: 'line-3', title }
  return command('alert.raise', data, { seq, lane: 'urgent', ...(session !== undefined && { session }) })
}

/** One after the other, each confirmed, held back or not, until one is rejected. Resolves with how many were applied. */
async function raiseUntilRefused({ client }: Guest): Promise<number> {
  for (let seq = 1; ;) {
    const [end = ''] = await endsOf(client, raise(seq, `Not true ${seq}`))
    client.send({ t: 'confirm', lane: 'urgent', upTo: seq })
    if (end === REFUSED) return seq - 1
    if (end === 'applied') seq += 1
    else expect(end).toBe('retry-later rate-limited')
  }
}

describe('whoever has only fresh keys [T21]', () => {
  it('fills the screens no further than strangers’ share, and neither a person nor their terminal is refused', async () => {
    const kiosk = await floor.signedIn('kim')
    const raised: number[] = []
    const sum = () => raised.reduce((all, each) => all + each, 0)
    while (sum() < LIMITS.maxOpenAlertsAlone) raised.push(await raiseUntilRefused(await floor.stranger()))
    expect(new Set(raised)).toEqual(new Set([LIMITS.maxOpenAlertsPerDevice]))
    expect(sum()).toBe(LIMITS.maxOpenAlertsAlone)
    expect(await raiseUntilRefused(await floor.stranger())).toBe(0)

    const ends = await endsOf(
      kiosk.client,
      raise(1, 'True, says kim', kiosk.grant.session),
      raise(2, 'True, says the terminal'),
    )
    expect(ends).toEqual(['applied', 'applied'])
  })

  it('leaves evidence of an alert no further than its places, of which a terminal of people needs none [E3]', async () => {
    const kiosk = await floor.signedIn('kim')
    const alert = (await floor.raise('Who saw it?')) as CommandId
    const saw = async ({ client }: Guest): Promise<void> => {
      client.send({ t: 'receipts', ref: 1, items: [{ alert, kind: 'displayed', agoMs: 0 }] })
      await client.next('receipted')
      client.close()
    }
    for (let count = 0; count < LIMITS.maxEvidenceAlone + 4; count += 1) await saw(await floor.stranger())
    await saw(kiosk)
    const { body } = await floor.call(`/api/alerts/${alert}/evidence`, { method: 'GET', bearer: SITE_KEY })
    const { receipts } = body as { readonly receipts: readonly { readonly device: string }[] }
    const kept = new Set(receipts.map(({ device }) => device))
    expect(kept.delete(kiosk.device.id)).toBe(true)
    expect(kept.size).toBe(LIMITS.maxEvidenceAlone)
  })
})
