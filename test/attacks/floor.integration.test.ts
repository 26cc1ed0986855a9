/** A stranger who wants to hurt the floor: to delay it, to keep it out, to erase what people have to look at, to outlive a sign-out. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { answersTo, besiegeFloor, command, endsOf, SITE_KEY, type Guest } from './besieged-floor.ts'

const floor = besiegeFloor()
const REJECTIONS = 'rejections/line-3' as ChannelName

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** What supervisors of the line have to look at. */
async function rejections(): Promise<readonly Record<string, unknown>[]> {
  const { client } = await floor.signedIn('park')
  client.send({ t: 'subscribe', channel: REJECTIONS, credit: 4 })
  const records: Record<string, unknown>[] = []
  for (;;) {
    const page = await client.next('snapshot')
    records.push(...(page.records ?? []).map(({ record }) => record as Record<string, unknown>))
    if (page.last) return records
    client.send({ t: 'credit', channel: REJECTIONS, pages: 1 })
  }
}

describe('whoever has only a fresh key [P8]', () => {
  it('is slowed after a few commands, and nothing of it waits for a person elsewhere', async () => {
    const before = (await rejections()).length
    const strangers: Guest[] = []
    for (let count = 0; count < 4; count += 1) strangers.push(await floor.stranger())
    const post = (seq: number) => command('chat.post', { line: 'line-3', text: 'x'.repeat(1_000) }, { seq })
    for (const { client } of strangers) for (let seq = 1; seq <= 192; seq += 1) client.send(post(seq))
    // What is behind the first that has to wait is not answered one by one.
    for (const { client } of strangers)
      expect(await client.next('retry-later')).toMatchObject({ code: 'rate-limited', lane: 'normal' })
    expect(await rejections()).toHaveLength(before)
  })

  it('keeps nobody out by opening sockets and saying nothing', async () => {
    const { hostname, port, host } = new URL(floor.url())
    const request = [
      'GET /sync HTTP/1.1',
      `Host: ${host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: andon.v1',
    ]
    const known = await floor.signedIn('kim')
    for (let count = 0; count < 700; count += 1) {
      const socket = connect({ port: Number(port), host: hostname })
      // The server cuts those it does not keep.
      socket.on('error', () => socket.destroy())
      socket.resume()
      socket.write([...request, '', ''].join('\r\n'))
      sockets.push(socket)
    }
    await Promise.all(
      sockets.filter((socket) => socket.readyState === 'opening').map((socket) => once(socket, 'connect')),
    )
    known.client.close()
    expect((await floor.stranger(known.device)).deviceToken).not.toBe('')
  })

  it('erases nothing of a person by reporting more than there is room for', async () => {
    const kim = await floor.signedIn('kim')
    const edit = { id: '019e0000-0000-7000-8000-000000000000', fields: { note: 'lost?' }, baseVersion: 1 }
    const rejected = command('order.edit', edit, { seq: 1, session: kim.grant.session })
    expect(await endsOf(kim.client, rejected)).toEqual(['rejected order-not-found'])
    const { client } = await floor.stranger()
    const reports = Array.from({ length: 64 }, (_, at) => {
      const reported = {
        id: `019e0000-0000-7000-8000-${String(at).padStart(12, '0')}`,
        type: 'chat.post',
        data: { line: 'line-3' },
        session: null,
        by: 'chief',
      }
      return command('outbox.report', { code: 'outbox-forked', command: reported }, { seq: at + 1 })
    })
    await endsOf(client, ...reports)
    const kept = await rejections()
    expect(kept.find(({ id }) => id === rejected.id)).toMatchObject({ by: 'kim', code: 'order-not-found' })
    // What it put under somebody else's name stands under the device's own.
    expect(kept.filter(({ by }) => by === 'chief')).toEqual([])
  })
})

describe('a session that is over [W11]', () => {
  it('authors nothing any more: neither words nor the end of somebody else’s sessions', async () => {
    const kim = await floor.signedIn('kim')
    const { client, grant } = await floor.signedIn('chief')
    const { session } = grant
    const ends = await endsOf(
      client,
      command('session.end', { session }, { seq: 1, session }),
      command('session.revoke', { operator: 'kim' }, { seq: 2, session }),
      command('chat.post', { line: 'line-3', text: 'from the past' }, { seq: 3, session }),
    )
    expect(ends).toEqual(['applied', 'rejected session-ended', 'rejected session-ended'])
    expect(await answersTo(kim.client)).toEqual([])
  })

  it('raises and acknowledges nothing in the other lane either', async () => {
    const { client, grant } = await floor.signedIn('kim')
    const { session } = grant
    const alert = await floor.raise('To be acknowledged by somebody who is here')
    const out = { ...command('session.end', { session }, { seq: 1, session }), urgentUpTo: 0 }
    expect(await endsOf(client, out)).toEqual(['applied'])
    const late = [
      command('alert.ack', { id: alert }, { seq: 1, session, lane: 'urgent' }),
      command('alert.raise', { priority: 'P0', area: 'line-3', title: 'Late' }, { seq: 2, session, lane: 'urgent' }),
    ]
    expect(await endsOf(client, ...late)).toEqual(['rejected session-ended', 'rejected session-ended'])
  })
})

describe('guessing PINs [X4]', () => {
  const guess = (deviceToken: string, operator: string, pin: string) =>
    floor.call('/api/sessions', { bearer: deviceToken, body: { operator, pin } })

  it('by twenty tries on six strange devices costs strangers of their budget, and never the terminal of the person', async () => {
    const own = await floor.signedIn('park')
    const strangers: Guest[] = []
    for (let count = 0; count < 6; count += 1) strangers.push(await floor.stranger())
    for (let tries = 0; tries < 20; tries += 1) {
      const answer = await guess(strangers[tries % 6]?.deviceToken ?? '', 'park', `000${tries}`)
      expect(answer.code).toBe('bad-pin')
    }
    expect((await guess(own.deviceToken, 'park', '3333')).status).toBe(200)
  })

  it('by more than the strangers’ budget gets no further answer, not even to the right PIN', async () => {
    const answers: unknown[] = []
    for (let tries = 0; tries < 40; tries += 1) {
      const { deviceToken } = await floor.stranger()
      answers.push((await guess(deviceToken, 'chief', String(5_000 + tries))).code)
    }
    // One address has forty guesses, of which twenty were made above, and one more with each minute; a person takes thirty.
    expect(new Set(answers.slice(0, 20))).toEqual(new Set(['bad-pin']))
    expect(new Set(answers.slice(-8))).toEqual(new Set(['pin-locked']))
    const { deviceToken } = await floor.stranger()
    expect(await guess(deviceToken, 'chief', '4444')).toMatchObject({ status: 429, code: 'pin-locked' })
  })
})

describe('words that are none [C7]', () => {
  it.each([
    ['nothing to see (U+3164)', '\u3164'],
    ['nothing to see (U+200B)', '\u200b'],
    ['a terminal’s command (ESC)', 'x\u001b[2Jy'],
    ['NUL', 'a\0b'],
    ['an override of direction', 'a\u202eb'],
    ['half a character', 'a\ud800'],
  ])('are no title of an alert: %s', async (_what, title) => {
    const answer = await floor.call('/api/alerts', {
      bearer: SITE_KEY,
      body: { priority: 'P2', area: 'line-3', title },
    })
    expect([answer.status, answer.code]).toEqual([400, 'bad-request'])
  })

  it('in the name of a device are left out: it greets all the same, under a name that can be read', async () => {
    const { client } = await floor.stranger(undefined, { name: '\u001b[2J\u202eKiosk\u0000' })
    const alert = await floor.raise('Who saw it?')
    client.send({ t: 'receipts', ref: 1, items: [{ alert: alert as never, kind: 'displayed', agoMs: 0 }] })
    await client.next('receipted')
    const { body } = await floor.call(`/api/alerts/${alert}/evidence`, { method: 'GET', bearer: SITE_KEY })
    expect(JSON.stringify(body)).not.toMatch(/\\u001b|\u202e|\\u0000/)
  })
})
