import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { CLOSE } from '../../../relay/protocol/close-codes.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { SUBPROTOCOL } from '../../../relay/protocol/version.ts'
import { createDevice, helloOf, type TestDevice } from '../../support/wire-client.ts'
import type { Case } from '../case.ts'
import { CannotSee, demand, demandEqual, demandThat, SENTENCE } from '../expecting.ts'
import { upgrade } from '../upgrade.ts'

export const greeting: readonly Case[] = [
  {
    rules: ['G1'],
    says: 'the server speaks first, with a nonce that is new each time',
    async run(visitor) {
      const nonces = []
      for (let count = 0; count < 3; count += 1) nonces.push((await visitor.connect().next('challenge')).nonce)
      demandThat(new Set(nonces).size === 3, 'three different nonces', nonces)
    },
  },
  {
    rules: ['G1', 'C3'],
    says: 'before welcome everything but hello is unexpected-frame, and hello still works afterwards',
    async run(visitor) {
      const device = await createDevice()
      const client = visitor.connect()
      const { nonce } = await client.next('challenge')
      client.send({ t: 'ping', nonce: '12345678' })
      demand(await client.next('error'), { code: 'unexpected-frame', message: SENTENCE })
      client.send({ t: 'subscribe', channel: 'alerts/urgent', credit: 1 })
      demand(await client.next('error'), { code: 'unexpected-frame', message: SENTENCE })
      client.send(await helloOf(device, nonce))
      demand(await client.next('welcome'), { device: device.id })
    },
  },
  {
    rules: ['G2'],
    says: 'the device is named by the thumbprint of its key',
    async run(visitor) {
      const { device, welcome } = await visitor.greeted()
      demand(welcome, { device: device.id })
    },
  },
  {
    rules: ['G2'],
    says: 'a proof over another nonce, of another audience, with another key or of another kind is bad-proof, 4401',
    async run(visitor) {
      for (const wrong of await wrongProofs()) {
        const device = await createDevice()
        const client = visitor.connect()
        const { nonce } = await client.next('challenge')
        client.send({ ...(await helloOf(device, nonce)), proof: await wrong.prove(nonce, device) })
        demand(await client.next('error'), { code: 'bad-proof', message: SENTENCE }, `${wrong.says}: an error`)
        demand(await client.closed(), { code: CLOSE.unauthenticated.code }, `${wrong.says}: a close`)
      }
    },
  },
  {
    rules: ['G3'],
    says: 'a version outside what the challenge names is unsupported-version, 4426',
    async run(visitor) {
      const device = await createDevice()
      const client = visitor.connect()
      const { nonce, maxVersion } = await client.next('challenge')
      client.send({ ...(await helloOf(device, nonce)), version: maxVersion + 1 })
      demand(await client.next('error'), { code: 'unsupported-version', message: SENTENCE })
      demand(await client.closed(), { code: CLOSE.unsupportedVersion.code }, 'a close')
    },
  },
  {
    rules: ['G4'],
    says: 'a connection that says nothing is closed with 4408 after ten seconds',
    waitsMs: LIMITS.greetingMs,
    async run(visitor) {
      const client = visitor.connect({ timeoutMs: LIMITS.greetingMs + visitor.target.timeoutMs })
      await client.next('challenge')
      const since = performance.now()
      demand(await client.closed(), { code: CLOSE.silent.code }, 'a close')
      const ms = Math.round(performance.now() - since)
      // The server's patience began before the challenge reached us.
      demandThat(ms > LIMITS.greetingMs - 1_000, `patience of ${LIMITS.greetingMs} ms`, `${ms} ms`)
    },
  },
  {
    rules: ['G4'],
    says: 'a frame over 8 KB before welcome is frame-too-large, 4413',
    async run(visitor) {
      const client = visitor.connect()
      await client.next('challenge')
      client.sendRaw(`{"":"${'x'.repeat(LIMITS.maxGreetingBytes)}"}`)
      demand(await client.next('error'), { code: 'frame-too-large', message: SENTENCE })
      demand(await client.closed(), { code: CLOSE.frameTooLarge.code }, 'a close')
    },
  },
  {
    rules: ['G5'],
    says: 'a new welcome closes the older connection of the device with 4409',
    async run(visitor) {
      const { client, device } = await visitor.greeted()
      const newer = await visitor.greeted(device)
      demand(await client.closed(), { code: CLOSE.replaced.code }, 'a close')
      await visitor.settled(newer.client)
    },
  },
  {
    rules: ['G5'],
    says: 'with yields a living connection stays and the new one is closed with 4409; once it is gone, yields is welcomed',
    async run(visitor) {
      if (visitor.target.hasNodes) throw new CannotSee('nodes know of each other’s devices where they are in a room')
      const { client, device } = await visitor.greeted()
      const retry = visitor.connect()
      const { nonce } = await retry.next('challenge')
      retry.send({ ...(await helloOf(device, nonce)), yields: true })
      demand(await retry.closed(), { code: CLOSE.replaced.code }, 'a close')
      await visitor.settled(client)
      client.close()
      await client.closed()
      // The server may learn a moment later than we do that the older connection is gone.
      await visitor.until('a welcome once the older connection is gone', async () => {
        const again = visitor.connect()
        const challenge = await again.next('challenge')
        again.send({ ...(await helloOf(device, challenge.nonce)), yields: true })
        return await Promise.race([again.next('welcome').then(() => true), again.closed().then(() => false)])
      })
    },
  },
  {
    rules: ['G6'],
    says: "a foreign page's upgrade is refused with 403 bad-origin, as a problem",
    async run(visitor) {
      for (const origin of ['https://evil.example', 'null']) {
        const { status, type, body } = await upgrade(visitor.target, { origin })
        demandEqual(status, 403, `${origin}: status`)
        demandThat(type.startsWith('application/problem+json'), 'application/problem+json', type)
        demand(body, { status: 403, code: 'bad-origin' }, `${origin}: a problem`)
      }
    },
  },
  {
    rules: ['G6'],
    says: "the server's own pages and clients that are no browser are let in",
    async run(visitor) {
      await visitor.connect({ headers: { origin: new URL(visitor.target.url).origin } }).next('challenge')
      await visitor.connect().next('challenge')
    },
  },
  {
    rules: ['G7'],
    says: 'a revoked device is told device-revoked and closed with 4403',
    async run(visitor) {
      const { revoke } = visitor.target
      if (revoke === null) throw new CannotSee('no --revoke command was given')
      const { device, client } = await visitor.greeted()
      await revoke(device.id)
      client.close()
      const again = visitor.connect()
      const { nonce } = await again.next('challenge')
      again.send(await helloOf(device, nonce))
      demand(await again.next('error'), { code: 'device-revoked', message: SENTENCE })
      demand(await again.closed(), { code: CLOSE.revoked.code }, 'a close')
    },
  },
]

interface WrongProof {
  readonly says: string
  readonly prove: (nonce: string, device: TestDevice) => Promise<string>
}

async function wrongProofs(): Promise<readonly WrongProof[]> {
  const { privateKey } = await generateKeyPair('ES256')
  const shown = await exportJWK((await generateKeyPair('ES256')).publicKey)
  const rsa = await generateKeyPair('RS256')
  const rsaJwk = await exportJWK(rsa.publicKey)
  const sign = (payload: Readonly<Record<string, unknown>>, audience: string) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'ES256', jwk: shown }).setAudience(audience).sign(privateKey)
  return [
    { says: 'another nonce', prove: (_nonce, device) => device.prove('another nonce') },
    { says: 'another key than it shows', prove: (nonce) => sign({ nonce }, SUBPROTOCOL) },
    {
      says: 'no signature at all',
      prove: async (nonce, device) => (await device.prove(nonce)).replace(/[^.]+$/, ''),
    },
    { says: 'another audience', prove: async (nonce) => await ownWithAudience(nonce, 'somebody-else') },
    {
      says: 'another kind of key',
      prove: (nonce) =>
        new SignJWT({ nonce })
          .setProtectedHeader({ alg: 'RS256', jwk: rsaJwk })
          .setAudience(SUBPROTOCOL)
          .sign(rsa.privateKey),
    },
  ]
}

async function ownWithAudience(nonce: string, audience: string): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  return new SignJWT({ nonce }).setProtectedHeader({ alg: 'ES256', jwk }).setAudience(audience).sign(privateKey)
}
