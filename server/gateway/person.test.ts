import { expect, it } from 'vitest'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { ServerFrame } from '../../relay/protocol/frames.ts'
import type { Author } from '../../relay/protocol/rights.ts'
import type { OperatorRow, SessionRow, Store } from '../ports/store.ts'
import type { Tokens } from '../ports/tokens.ts'
import { Person } from './person.ts'

const DEVICE = 'd'.repeat(43) as DeviceId
const SESSION = '00000000-0000-4000-8000-0000000000aa' as SessionId

const CLAIMS = { session: SESSION, operator: 'kim', device: DEVICE, generation: 1, expiresAt: 1_000 }
const KIM: OperatorRow = { id: 'kim', role: 'operator', areas: ['line-3'], pinHash: '', status: 'active' }

/** A person whose row is looked up for as long as the test wants. */
function setUp() {
  const operator = Promise.withResolvers<OperatorRow>()
  const asked = Promise.withResolvers<void>()
  const session = { id: SESSION, operator: 'kim', device: DEVICE, status: 'active' } as SessionRow
  const store: Pick<Store, 'session' | 'operator'> = {
    session: () => Promise.resolve(session),
    operator: () => {
      asked.resolve()
      return operator.promise
    },
  }
  const tokens: Pick<Tokens, 'verifyAccess'> = { verifyAccess: () => Promise.resolve({ ok: true, value: CLAIMS }) }
  const sent: ServerFrame[] = []
  const authors: (Author | null)[] = []
  const person = new Person({
    store: store as Store,
    tokens: tokens as Tokens,
    device: DEVICE,
    nowMs: () => 0,
    send: (frame) => sent.push(frame),
    changed: (author) => authors.push(author),
  })
  return { person, operator, asked, sent, authors }
}

it('[A7] [P9] a session that ends while it is being bound is not bound', async () => {
  const { person, operator, asked, sent, authors } = setUp()
  const bound = person.bind('token', 1)
  await asked.promise
  person.sessionsEnded([SESSION], 'session-revoked')
  operator.resolve(KIM)
  await bound
  expect(sent).toMatchObject([{ t: 'deauthed', code: 'session-ended' }])
  expect(authors.filter((author) => author !== null)).toEqual([])
})

it('[V8] counts what a session authored on its person where they are bound, and else on the session alone', async () => {
  const { person, operator } = setUp()
  const earlier = '00000000-0000-4000-8000-0000000000bb' as SessionId
  expect(person.authorOf(SESSION)).toBe(SESSION)
  operator.resolve(KIM)
  await person.bind('token', 1)
  expect([person.authorOf(SESSION), person.authorOf(earlier), person.authorOf(null)]).toEqual(['kim', earlier, null])
  person.end()
})
