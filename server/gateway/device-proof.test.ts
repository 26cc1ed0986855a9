import { expect, it } from 'vitest'
import { createDevice } from '../../test/support/wire-client.ts'
import { checkProof, claimedDevice } from './device-proof.ts'

it('[V7] the device a proof speaks of is read before anything is proved, and is the one that is proved', async () => {
  const device = await createDevice()
  const proof = await device.prove('nonce')
  expect(claimedDevice(proof)).toBe(device.id)
  expect((await checkProof(proof, 'nonce'))?.device).toBe(device.id)
})

it.each(['', 'nonsense', 'a.b.c', 'e30.e30.', `${Buffer.from('{"jwk":null}').toString('base64url')}.e30.x`])(
  '[V7] nothing is claimed by %j',
  (proof) => {
    expect(claimedDevice(proof)).toBeNull()
  },
)
