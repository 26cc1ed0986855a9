import { describe, expect, it } from 'vitest'
import { identityContract } from '../testing/identity.contract.ts'
import { openNodeIdentity, type KeyPlace } from './node-identity.ts'

function memoryPlace(start?: unknown): KeyPlace & { kept: unknown } {
  return {
    kept: start,
    get() {
      return Promise.resolve(this.kept)
    },
    set(value) {
      this.kept = JSON.parse(JSON.stringify(value))
      return Promise.resolve()
    },
  }
}

identityContract('Node', () => {
  const place = memoryPlace()
  return () => openNodeIdentity(place)
})

describe('the identity of a Node device', () => {
  it('is no identity before its key is durable', async () => {
    const place = { get: () => Promise.resolve(undefined), set: () => Promise.reject(new Error('disk full')) }
    await expect(openNodeIdentity(place)).rejects.toThrow('disk full')
  })

  it('is not silently replaced when its key is damaged', async () => {
    const place = memoryPlace({ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' })
    await expect(openNodeIdentity(place)).rejects.toMatchObject({ code: 'storage-corrupt' })
    expect(place.kept).toMatchObject({ x: 'x' })
  })
})
