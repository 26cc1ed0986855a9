/** Who tries to do or read what is not theirs: commands and channels of other lines, people, devices and programs. */
import { describe, expect, it } from 'vitest'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { answersTo, besiegeFloor, command, endsOf, LINE_KEY, SITE_KEY } from './besieged-floor.ts'

const floor = besiegeFloor()

/** An order of a line, to be touched by whom it does not belong to. */
async function order(line: string): Promise<string> {
  const { status, body } = await floor.call('/api/orders', {
    bearer: SITE_KEY,
    body: { area: line, number: `WO-${Math.trunc(performance.now())}`, title: 'Flanges', quantity: 4 },
  })
  expect([status, body]).toMatchObject([201, { id: expect.any(String) }])
  return (body as { readonly id: string }).id
}

describe('a device on which nobody is signed in [W8]', () => {
  it.each([
    ['chat.post', { line: 'line-3', text: 'from nobody' }, 'rejected sign-in-needed'],
    ['prefs.set', { theme: 'dark' }, 'rejected sign-in-needed'],
    ['session.revoke', { operator: 'chief' }, 'rejected sign-in-needed'],
    ['machine.describe', { area: 'line-3', machine: 'press-1', label: 'Press' }, 'rejected sign-in-needed'],
    ['machine.remove', { area: 'line-3', machine: 'press-1' }, 'rejected sign-in-needed'],
  ])('writes nothing: %s', async (type, data, answer) => {
    const { client } = await floor.stranger()
    expect(await endsOf(client, command(type, data, { seq: 1 }))).toEqual([answer])
  })

  it('edits no order', async () => {
    const { client } = await floor.stranger()
    const edit = command('order.edit', { id: await order('line-3'), fields: { note: 'x' }, baseVersion: 1 }, { seq: 1 })
    expect(await endsOf(client, edit)).toEqual(['rejected sign-in-needed'])
  })

  it('acknowledges no alert', async () => {
    const { client } = await floor.stranger()
    const ack = command('alert.ack', { id: await floor.raise('Not yours') }, { seq: 1, lane: 'urgent' })
    expect(await endsOf(client, ack)).toEqual(['rejected sign-in-needed'])
  })

  it.each(['chat/line-3', 'orders/line-3', 'rejections/line-3', 'inbox/kim', 'prefs/kim'])(
    'reads nothing of %s',
    async (channel) => {
      const { client } = await floor.stranger()
      const answers = await answersTo(client, { t: 'subscribe', channel, credit: 1 })
      expect(answers).toEqual(['unsubscribed sign-in-needed'])
    },
  )
})

describe('an operator of another line [W8, S8]', () => {
  it('writes into no chat but their own', async () => {
    const { client, grant } = await floor.signedIn('lee')
    const post = command('chat.post', { line: 'line-3', text: 'x' }, { seq: 1, session: grant.session })
    expect(await endsOf(client, post)).toEqual(['rejected forbidden'])
  })

  it('edits no order but their own', async () => {
    const { client, grant } = await floor.signedIn('lee')
    const data = { id: await order('line-3'), fields: { note: 'mine' }, baseVersion: 1 }
    const edits = ['order.edit', 'order.change', 'order.update'].map((type, index) =>
      command(type, data, { seq: index + 1, session: grant.session }),
    )
    expect(await endsOf(client, ...edits)).toEqual(edits.map(() => 'rejected forbidden'))
  })

  it('raises and acknowledges nothing but on their own line', async () => {
    const { client, grant } = await floor.signedIn('lee')
    const parts = { lane: 'urgent', session: grant.session } as const
    const raise = command('alert.raise', { priority: 'P2', area: 'line-3', title: 'x' }, { seq: 1, ...parts })
    const ack = command('alert.ack', { id: await floor.raise('Theirs', { priority: 'P2' }) }, { seq: 2, ...parts })
    expect(await endsOf(client, raise, ack)).toEqual(['rejected forbidden', 'rejected forbidden'])
  })

  it.each(['chat/line-3', 'orders/line-3', 'rejections/line-3', 'rejections/line-1', 'inbox/kim', 'prefs/kim'])(
    'reads nothing of %s',
    async (channel) => {
      const { client } = await floor.signedIn('lee')
      expect(await answersTo(client, { t: 'subscribe', channel, credit: 1 })).toEqual(['unsubscribed forbidden'])
    },
  )

  it('loses what the last person read at the switch, before anything else is read', async () => {
    const { client, deviceToken } = await floor.signedIn('kim')
    client.send({ t: 'subscribe', channel: 'chat/line-3', credit: 1 })
    await client.next('snapshot')
    const next = await floor.signIn(deviceToken, 'lee')
    const auth = { t: 'auth', token: next.accessToken, generation: next.generation } as const
    const answers = await answersTo(client, auth, { t: 'subscribe', channel: 'inbox/kim', credit: 1 })
    expect(answers.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'authed',
      'unsubscribed forbidden',
      'unsubscribed forbidden',
    ])
  })
})

describe('a person below their rank [W8, A7, D4]', () => {
  it('an operator ends nobody else’s sessions', async () => {
    const chief = await floor.signedIn('chief')
    const { client, grant } = await floor.signedIn('kim')
    const revoke = command('session.revoke', { operator: 'chief' }, { seq: 1, session: grant.session })
    expect(await endsOf(client, revoke)).toEqual(['rejected forbidden'])
    expect(await answersTo(chief.client)).toEqual([])
  })

  it('a supervisor of one line ends nobody’s sessions either', async () => {
    const { client, grant } = await floor.signedIn('park')
    const revoke = command('session.revoke', { operator: 'chief' }, { seq: 1, session: grant.session })
    expect(await endsOf(client, revoke)).toEqual(['rejected forbidden'])
  })

  it('nobody makes or removes a machine from a device: that takes a key', async () => {
    const { client, grant } = await floor.signedIn('chief')
    const machine = { area: 'line-3', machine: 'press-1' }
    const describing = command('machine.describe', machine, { seq: 1, session: grant.session })
    const removing = command('machine.remove', machine, { seq: 2, session: grant.session })
    expect(await endsOf(client, describing, removing)).toEqual(['rejected forbidden', 'rejected forbidden'])
  })
})

describe('somebody else’s session [W8]', () => {
  it('is no author on another device', async () => {
    const victim = await floor.signedIn('chief')
    const { client } = await floor.stranger()
    const post = command('chat.post', { line: 'line-3', text: 'x' }, { seq: 1, session: victim.grant.session })
    expect(await endsOf(client, post)).toEqual(['rejected session-unknown'])
  })

  it('is not ended from another device', async () => {
    const victim = await floor.signedIn('chief')
    const { client } = await floor.stranger()
    const end = command('session.end', { session: victim.grant.session }, { seq: 1, session: victim.grant.session })
    expect(await endsOf(client, end)).toEqual(['rejected session-unknown'])
    expect(await answersTo(victim.client)).toEqual([])
  })

  it('that nobody has is unknown', async () => {
    const { client } = await floor.stranger()
    const session = '019e0000-0000-7000-8000-000000000000' as SessionId
    const post = command('chat.post', { line: 'line-3', text: 'x' }, { seq: 1, session })
    expect(await endsOf(client, post)).toEqual(['rejected session-unknown'])
  })
})

describe('a program with the key of one line', () => {
  it('raises nothing elsewhere', async () => {
    const body = { priority: 'P0', area: 'line-3', title: 'Not my line' }
    expect(await floor.call('/api/alerts', { bearer: LINE_KEY, body })).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
  })

  it('reports no values elsewhere', async () => {
    const body = { area: 'line-3', machine: 'press-1', signal: 'oil', value: 1, unit: '' }
    const answer = await floor.call('/api/telemetry', { bearer: LINE_KEY, body })
    expect([answer.status, answer.code]).toEqual([403, 'forbidden'])
  })

  it('sees no alert of another line', async () => {
    await floor.raise('Secret of line 3', { priority: 'P2' })
    const { status, body } = await floor.call('/api/alerts', { method: 'GET', bearer: LINE_KEY })
    expect(status).toBe(200)
    expect(JSON.stringify(body)).not.toContain('Secret of line 3')
  })

  it.each(['/api/admin/reviews', '/api/admin/backup'])('administers nothing: GET %s', async (path) => {
    const answer = await floor.call(path, { method: 'GET', bearer: LINE_KEY })
    expect([answer.status, answer.code]).toEqual([403, 'forbidden'])
  })

  it('restores nothing', async () => {
    const answer = await floor.call('/api/admin/restore', {
      bearer: LINE_KEY,
      headers: { 'content-type': 'application/vnd.sqlite3' },
      body: Buffer.from('SQLite format 3\0'),
    })
    expect([answer.status, answer.code]).toEqual([403, 'forbidden'])
  })

  it('does not read another program’s answer by its Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'shared-secret' }
    const body = { priority: 'P2', area: 'line-1', title: 'By the site' }
    const first = await floor.call('/api/alerts', { bearer: SITE_KEY, headers, body })
    const second = await floor.call('/api/alerts', { bearer: LINE_KEY, headers, body })
    expect([first.status, second.status]).toEqual([201, 201])
    expect((second.body as { readonly id: string }).id).not.toBe((first.body as { readonly id: string }).id)
  })
})

describe('names that mean something to the machine', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'chat.post\0', '../chat.post'])(
    'are no commands: %j',
    async (type) => {
      const { client, grant } = await floor.signedIn('kim')
      const odd = command(type, { line: 'line-3', text: 'x' }, { seq: 1, session: grant.session })
      expect(await endsOf(client, odd)).toEqual(['rejected unknown-command'])
    },
  )

  it.each([
    'alerts/__proto__',
    'constructor/line-3',
    'alerts/../urgent',
    'ALERTS/URGENT',
    'alerts/urgent/',
    'alerts//urgent',
    '',
  ])('are no channels: %j', async (channel) => {
    const { client } = await floor.signedIn('chief')
    const answers = await answersTo(client, JSON.stringify({ t: 'subscribe', channel, credit: 1 }))
    expect(answers).toEqual(['unsubscribed unknown-channel'])
  })

  it.each(["kim' OR '1'='1", 'kim"; DROP TABLE operators; --', '__proto__', '../kim'])(
    'are no people: %j',
    async (operator) => {
      const { deviceToken } = await floor.stranger()
      const answer = await floor.call('/api/sessions', { bearer: deviceToken, body: { operator, pin: '1111' } })
      expect([answer.status, answer.code]).toEqual([400, 'bad-request'])
    },
  )

  it('pollute no prototype', async () => {
    const { client, grant } = await floor.signedIn('kim')
    const data =
      '{"line":"line-3","text":"x","__proto__":{"role":"admin","areas":["*"]},"constructor":{"prototype":{"role":"admin"}}}'
    const frame = JSON.stringify(command('chat.post', 'DATA', { seq: 1, session: grant.session }))
    client.sendRaw(frame.replace('"DATA"', data))
    expect(await client.next('result')).toMatchObject({ outcome: 'rejected', code: 'bad-command' })
    const revoke = command('session.revoke', { operator: 'chief' }, { seq: 2, session: grant.session })
    expect(await endsOf(client, revoke)).toEqual(['rejected forbidden'])
  })
})
