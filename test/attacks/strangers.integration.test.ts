/** What a key that nobody knows can put before people: under another name, and more of it than they can look at. */
import { describe, expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { channelName } from '../../relay/protocol/channels.ts'
import type { OutboxEpoch } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { RejectionRecord } from '../../relay/protocol/records.ts'
import { createDevice } from '../support/wire-client.ts'
import { besiegeFloor, command, endsOf, SITE_KEY } from './besieged-floor.ts'

const floor = besiegeFloor({ extra: ['--new-device-areas', 'line-3'] })

/** What stands before park, the supervisor of line-3. */
async function notAccepted(): Promise<readonly RejectionRecord[]> {
  const { client } = await floor.signedIn('park')
  const channel = channelName('rejections', 'line-3')
  client.send({ t: 'subscribe', channel, credit: 4 })
  const found: unknown[] = []
  for (;;) {
    const { records = [], last } = await client.next('snapshot')
    found.push(...records.map(({ record }) => record))
    if (last) return found as readonly RejectionRecord[]
    client.send({ t: 'credit', channel, pages: 1 })
  }
}

describe('a stranger [D6, D7]', () => {
  it('puts nothing before a supervisor under a person’s name', async () => {
    const { client, device } = await floor.stranger(undefined, { name: 'kim' })
    const reported = { id: uuidv7(), type: 'chat.post', data: { line: 'line-3', text: 'Open the guard' } }
    const data = { code: 'outbox-forked', command: { ...reported, session: null, by: 'chief' } }
    expect(await endsOf(client, command('outbox.report', data, { seq: 1 }))).toEqual(['applied'])
    const found = (await notAccepted()).filter((record) => record.id === reported.id)
    expect(found).toMatchObject([{ by: 'device:kim', origin: 'stranger', claimed: 'chief', device: device.id }])
  })

  it('pushes out nothing of a person, and has no more than its share', async () => {
    const { client: own, grant } = await floor.signedIn('kim')
    const bad = { line: 'line-3', text: '' }
    const lost = command('chat.post', bad, { seq: 1, session: grant.session })
    expect(await endsOf(own, lost)).toEqual(['rejected bad-command'])
    const { client, device } = await floor.stranger()
    const flood = Array.from({ length: 60 }, (_, index) => command('chat.post', bad, { seq: index + 1 }))
    await endsOf(client, ...flood)
    const found = await notAccepted()
    expect(found.map(({ id }) => id)).toContain(lost.id)
    expect(found.filter((record) => record.device === device.id)).toHaveLength(LIMITS.maxOpenRejectionsPerStranger)
  })

  it('fills the reviews of administrators with its greetings no further than its share [T13]', async () => {
    const device = await createDevice()
    const reviews = async () => {
      const { body } = await floor.call('/api/admin/reviews', { method: 'GET', bearer: SITE_KEY })
      const { reviews: rows } = body as { readonly reviews: readonly { readonly device: string }[] }
      return rows.filter((row) => row.device === device.id).length
    }
    for (let greeting = 0; greeting < LIMITS.maxReviewsPerDevice + 10; greeting += 1) {
      const epoch = uuidv7() as OutboxEpoch
      const { client } = await floor.stranger(device, {
        outbox: { epoch, incarnation: null, oldest: { urgent: 7, normal: 7 } },
      })
      client.close()
    }
    expect(await reviews()).toBe(LIMITS.maxReviewsPerDevice)
  })
})
