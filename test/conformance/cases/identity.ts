import type { ClientFrame } from '../../../relay/protocol/frames.ts'
import type { Case } from '../case.ts'
import { CannotSee, demand, demandEqual, demandThat, SENTENCE } from '../expecting.ts'
import { URGENT, type Guest, type Visitor } from '../visitor.ts'

/** Longer than this we do not wait for a token to run out. */
const LONGEST_TOKEN_MS = 30_000

export const identity: readonly Case[] = [
  {
    rules: ['A1'],
    says: 'a valid token of a session opened on this device is answered by authed, with who and where',
    async run(visitor) {
      const { user, area } = visitor.target
      const { authed, grant } = await visitor.signedIn()
      demand(authed, { operator: user.name, session: grant.session, generation: grant.generation })
      demandThat(authed.areas.includes(area), `the area ${area}`, authed.areas)
    },
  },
  {
    rules: ['A1'],
    says: 'a forged token is deauthed, bad-token',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.send({ t: 'auth', token: 'forged', generation: 1 })
      demand(await client.next('deauthed'), { code: 'bad-token', message: SENTENCE })
      await visitor.settled(client)
    },
  },
  {
    rules: ['A1'],
    says: 'a token of a session opened on another device is deauthed, bad-token',
    async run(visitor) {
      const other = await visitor.greeted()
      const { grant } = await visitor.signedIn()
      other.client.send({ t: 'auth', token: grant.accessToken, generation: grant.generation })
      demand(await other.client.next('deauthed'), { code: 'bad-token', message: SENTENCE })
      await refusedChat(visitor, other, 'sign-in-needed')
    },
  },
  {
    rules: ['A1'],
    says: 'a session that was signed out cannot be bound again: session-ended',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      const { session } = grant
      client.send(visitor.command('session.end', { session }, { seq: 1, session }))
      demand(await client.next('deauthed'), { code: 'session-ended', message: SENTENCE })
      client.send(authOf(grant))
      demand(await client.next('deauthed'), { code: 'session-ended', message: SENTENCE })
    },
  },
  {
    rules: ['A1'],
    says: 'a session that was revoked is unbound at once and cannot be bound again: session-revoked',
    async run(visitor) {
      const { client, grant, welcome } = await visitor.signedIn()
      await visitor.revokeSession(welcome.deviceToken, grant)
      demand(await client.next('deauthed'), { code: 'session-revoked', message: SENTENCE })
      client.send(authOf(grant))
      demand(await client.next('deauthed'), { code: 'session-revoked', message: SENTENCE })
    },
  },
  {
    rules: ['A2', 'A3'],
    says: 'another person takes over without a reconnect; only what they may not read ends, with forbidden',
    async run(visitor) {
      const { user, supervisor, area, otherArea } = visitor.target
      const guest = await visitor.signedIn(supervisor)
      const { client, welcome } = guest
      const [kept, lost] = [`orders/${area}`, `orders/${otherArea}`]
      for (const channel of [lost, kept, URGENT]) {
        client.send({ t: 'subscribe', channel, credit: 4 })
        await client.next('snapshot', (page) => page.channel === channel)
      }
      const authed = await visitor.bind(client, await visitor.signIn(welcome.deviceToken, user))
      demand(authed, { operator: user.name })
      demand(await client.next('unsubscribed'), { channel: lost, code: 'forbidden', message: SENTENCE })
      const { channels } = await visitor.settled(client)
      demandEqual(Object.keys(channels).toSorted(), [URGENT, kept].toSorted(), 'subscriptions')
    },
  },
  {
    rules: ['A2'],
    says: 'an auth with an older generation of the bound session is ignored',
    async run(visitor) {
      const { client, grant, welcome } = await visitor.signedIn()
      const newer = await visitor.refresh(welcome.deviceToken, grant)
      demandThat(newer.generation > grant.generation, 'a higher generation after a refresh', newer.generation)
      demand(await visitor.bind(client, newer), { generation: newer.generation })
      client.send({ t: 'subscribe', channel: visitor.chat, credit: 1 })
      await client.next('snapshot')
      client.send(authOf(grant))
      demand(await visitor.settled(client), { channels: { [visitor.chat]: {} } }, 'a pong')
      const answers = client.received.filter((frame) => frame.t === 'authed' || frame.t === 'deauthed')
      demandEqual(answers, [], 'answers to the older generation')
    },
  },
  {
    rules: ['A3'],
    says: 'deauth ends what needs a person, with sign-in-needed; alerts/urgent goes on',
    async run(visitor) {
      const { client } = await visitor.signedIn()
      for (const channel of [visitor.chat, URGENT]) client.send({ t: 'subscribe', channel, credit: 4 })
      for (const channel of [visitor.chat, URGENT]) await client.next('snapshot', (page) => page.channel === channel)
      client.send({ t: 'deauth' })
      demand(await client.next('unsubscribed'), { channel: visitor.chat, code: 'sign-in-needed', message: SENTENCE })
      demandEqual(Object.keys((await visitor.settled(client)).channels), [URGENT], 'subscriptions')
    },
  },
  {
    rules: ['A4'],
    says: 'a token that runs out ends the reading of the person (deauthed, token-expired), not alerts/urgent',
    waitsMs: LONGEST_TOKEN_MS,
    async run(visitor) {
      const { timeoutMs } = visitor.target
      const guest = await longConnection(visitor, LONGEST_TOKEN_MS + timeoutMs)
      const { client } = guest
      const authed = await visitor.bind(client, await visitor.signIn(guest.welcome.deviceToken))
      if (authed.expiresInMs > LONGEST_TOKEN_MS) {
        throw new CannotSee(`tokens last ${Math.round(authed.expiresInMs / 1000)} s here, and we wait at most 30 s`)
      }
      for (const channel of [visitor.chat, URGENT]) client.send({ t: 'subscribe', channel, credit: 4 })
      const stopPings = keepAlive(guest)
      demand(await client.next('deauthed'), { code: 'token-expired', message: SENTENCE })
      stopPings()
      demand(await client.next('unsubscribed'), { channel: visitor.chat, code: 'sign-in-needed' })
      demandEqual(Object.keys((await visitor.settled(client)).channels), [URGENT], 'subscriptions')
    },
  },
  {
    rules: ['A5'],
    says: 'a token in the address of /sync binds nobody',
    async run(visitor) {
      const { grant, device } = await visitor.signedIn()
      const client = visitor.connect({ query: `?token=${grant.accessToken}&access_token=${grant.accessToken}` })
      const welcome = await client.greet(device)
      await refusedChat(visitor, { client, device, welcome }, 'sign-in-needed')
    },
  },
  {
    rules: ['A6'],
    says: 'welcome says of the session that hello names: active, revoked, and unknown on another device',
    async run(visitor) {
      const { device, grant } = await visitor.signedIn()
      const named = { session: grant.session }
      const again = await visitor.greeted(device, named)
      demand(again.welcome, { session: 'active' })
      const strange = await visitor.greeted(undefined, named)
      demand(strange.welcome, { session: 'unknown' })
      await visitor.revokeSession(again.welcome.deviceToken, grant)
      const last = await visitor.greeted(device, named)
      demand(last.welcome, { session: 'revoked' })
    },
  },
]

function authOf(grant: { readonly accessToken: string; readonly generation: number }): ClientFrame {
  return { t: 'auth', token: grant.accessToken, generation: grant.generation }
}

async function refusedChat(visitor: Visitor, { client }: Guest, code: string): Promise<void> {
  client.send({ t: 'subscribe', channel: visitor.chat, credit: 1 })
  demand(await client.next('unsubscribed'), { channel: visitor.chat, code, message: SENTENCE })
}

async function longConnection(visitor: Visitor, timeoutMs: number): Promise<Guest> {
  const { device } = await visitor.greeted()
  const client = visitor.connect({ timeoutMs })
  return { client, device, welcome: await client.greet(device) }
}

/** Heartbeats, so that the server's patience with a silent connection does not end what is observed. */
function keepAlive({ client, welcome }: Guest): () => void {
  const timer = setInterval(() => client.send({ t: 'ping', nonce: 'keep-alive' }), welcome.heartbeatMs)
  return () => clearInterval(timer)
}
