/** Who goes on in the name of somebody who has left: sessions that were signed out, on a device that obeys its attacker. */
import { describe, expect, it } from 'vitest'
import { besiegeFloor, command, endsOf } from './besieged-floor.ts'

const floor = besiegeFloor()

describe('a session that was signed out [W11]', () => {
  it('takes nobody’s sessions away, and writes nothing any more, in either lane', async () => {
    const { client, grant } = await floor.signedIn('chief')
    const { session } = grant
    const alert = { priority: 'P2', area: 'line-3', title: 'Not from chief' }
    expect(await endsOf(client, command('session.end', { session }, { seq: 1, session }))).toEqual(['applied'])
    expect(
      await endsOf(
        client,
        command('session.revoke', { operator: 'park' }, { seq: 2, session }),
        command('chat.post', { line: 'line-3', text: 'Not from chief' }, { seq: 3, session }),
        command('prefs.set', { theme: 'dark' }, { seq: 4, session }),
      ),
    ).toEqual(['rejected session-ended', 'rejected session-ended', 'rejected session-ended'])
    // What a relay that says nothing may have in flight is taken, and not one more.
    const many = Array.from({ length: 65 }, (_, index) =>
      command('alert.raise', alert, { seq: index + 1, session, lane: 'urgent' }),
    )
    expect((await endsOf(client, ...many)).slice(-2)).toEqual(['applied', 'rejected session-ended'])
  })

  it('takes itself back, once', async () => {
    const { client, grant } = await floor.signedIn('kim')
    const { session } = grant
    const revoke = (seq: number) => command('session.revoke', { operator: 'kim' }, { seq, session })
    expect(
      await endsOf(client, command('session.end', { session }, { seq: 1, session }), revoke(2), revoke(3)),
    ).toEqual(['applied', 'applied', 'rejected session-revoked'])
  })

  it('leaves what was queued before it, on a device that comes back with all of it', async () => {
    const { client, device, grant } = await floor.signedIn('kim')
    const { session } = grant
    client.close()
    const { client: back } = await floor.stranger(device, {
      outbox: {
        epoch: device.epoch,
        incarnation: null,
        oldest: { urgent: 1, normal: 1 },
        newest: { urgent: 2, normal: 2 },
      },
    })
    const alert = { priority: 'P2', area: 'line-3', title: 'Left' }
    const out = { ...command('session.end', { session }, { seq: 2, session }), urgentUpTo: 2 }
    const raise = (seq: number) => command('alert.raise', alert, { seq, session, lane: 'urgent' })
    expect(
      await endsOf(
        back,
        command('chat.post', { line: 'line-3', text: 'Left' }, { seq: 1, session }),
        out,
        raise(1),
        raise(2),
      ),
    ).toEqual(['applied', 'applied', 'applied', 'applied'])
    // Sent with the others it might overtake the sign-out: urgent waits for nothing.
    expect(await endsOf(back, raise(3))).toEqual(['rejected session-ended'])
  })
})
