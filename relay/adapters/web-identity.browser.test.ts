import { openDB } from 'idb'
import { describe, expect, it } from 'vitest'
import { identityContract } from '../testing/identity.contract.ts'
import { openWebIdentity } from './web-identity.ts'

let count = 0
const freshName = () => `identity-test-${++count}-${Date.now()}`

identityContract('The browser', () => {
  const name = freshName()
  return () => openWebIdentity(name)
})

describe('the identity of a browser', () => {
  it('is one, also when two pages start at once', async () => {
    const name = freshName()
    const both = await Promise.all([openWebIdentity(name), openWebIdentity(name)])
    expect(both[0].device).toBe(both[1].device)
  })

  it('has a private key that cannot be taken away', async () => {
    const name = freshName()
    await openWebIdentity(name)
    const db = await openDB(name)
    const { privateKey } = (await db.get('keys', 'device')) as { privateKey: CryptoKey }
    await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow()
    db.close()
  })
})
