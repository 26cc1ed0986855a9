import { expect, it } from 'vitest'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { ServerFrame } from '../../relay/protocol/frames.ts'
import type { Author } from '../../relay/protocol/rights.ts'
import type { SessionRow } from '../ports/sessions.ts'
import type { OperatorRow } from '../ports/site.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import type { Tokens } from '../ports/tokens.ts'
import { Deadlines } from './deadlines.ts'
import { Person, type PersonHost } from './person.ts'

const DEVICE = 'd'.repeat(43) as DeviceId
const SESSION = '00000000-0000-4000-8000-0000000000aa' as SessionId

const CLAIMS = { session: SESSION, operator: 'kim', device: DEVICE, generation: 1, expiresAt: 1_000 }
const KIM: OperatorRow = { id: 'kim', role: 'operator', areas: ['line-3'], pinHash: '', status: 'active' }

/** A person whose row is looked up for as long as the test wants. */
function setUp() {
  const operator = Promise.withResolvers<OperatorRow>()
  const asked = Promise.withResolvers<void>()
  let changed: OperatorRow | null = null
  const row = { id: SESSION, operator: 'kim', device: DEVICE, expiresAt: '2026-01-01T00:00:00.000Z' }
  const session = { ...row, status: 'active' } as { -readonly [K in keyof SessionRow]: SessionRow[K] }
  const store: Pick<StoreAdministration, 'session' | 'operator'> = {
    session: () => Promise.resolve({ ...session }),
    operator: () => {
      asked.resolve()
      return changed === null ? operator.promise : Promise.resolve(changed)
    },
  }
  const tokens: Pick<Tokens, 'verifyAccess'> = { verifyAccess: () => Promise.resolve({ ok: true, value: CLAIMS }) }
  const sent: ServerFrame[] = []
  const authors: (Author | null)[] = []
  const host: PersonHost = { send: (frame) => sent.push(frame), personChanged: (author) => authors.push(author) }
  const time = () => new Date(0).toISOString()
  const person = new Person(host, DEVICE, { store, tokens, now: time, deadlines: new Deadlines(() => 0) })
  return { person, session, operator, asked, sent, authors, changeTo: (now: OperatorRow) => (changed = now) }
}

it.each(['session-ended', 'session-revoked'] as const)(
  '[A1] [P9] a session that ends while it is being bound is not bound: %s',
  async (end) => {
    const { person, operator, asked, sent, authors } = setUp()
    const bound = person.bind('token', 1)
    await asked.promise
    person.sessionsEnded([SESSION], end)
    operator.resolve(KIM)
    await bound
    expect(sent).toMatchObject([{ t: 'deauthed', code: end }])
    expect(authors.filter((author) => author !== null)).toEqual([])
  },
)

it('[V8] knows the person of the session that is bound, and of no other', async () => {
  const { person, operator } = setUp()
  const earlier = '00000000-0000-4000-8000-0000000000bb' as SessionId
  expect(person.authorOf(SESSION)).toBeNull()
  operator.resolve(KIM)
  await person.bind('token', 1)
  expect([person.authorOf(SESSION), person.authorOf(earlier)]).toEqual(['kim', null])
  person.end()
})

it('[A7] [U5] is unbound when another node took the session away, bound or being bound, and by nothing else', async () => {
  const { person, session, operator, asked, sent } = setUp()
  const binding = person.bind('token', 1)
  await asked.promise
  session.status = 'revoked'
  await person.revokedElsewhere('kim')
  operator.resolve(KIM)
  await binding
  expect(sent).toMatchObject([{ t: 'deauthed', code: 'session-revoked' }])

  session.status = 'active'
  await person.bind('token', 1)
  await person.revokedElsewhere('kim')
  session.status = 'revoked'
  await person.revokedElsewhere('lee')
  expect(person.authorOf(SESSION)).toBe('kim')
  await person.revokedElsewhere('kim')
  expect(person.authorOf(SESSION)).toBeNull()
  expect(sent.at(-1)).toMatchObject({ t: 'deauthed', code: 'session-revoked' })
  person.end()
})

it('[A7] [U7] whose rights changed goes on with those of this moment, and who was made inactive with none', async () => {
  const { person, operator, sent, authors, changeTo } = setUp()
  operator.resolve(KIM)
  await person.bind('token', 1)
  await person.operatorChanged('lee')
  await person.operatorChanged('kim')
  expect(authors).toHaveLength(1)
  changeTo({ ...KIM, areas: ['line-1'] })
  await person.operatorChanged('kim')
  expect(authors.at(-1)).toEqual({ operator: 'kim', role: 'operator', areas: ['line-1'] })
  expect(sent.at(-1)).toMatchObject({ t: 'authed', session: SESSION, areas: ['line-1'], expiresInMs: 1_000 })
  changeTo({ ...KIM, status: 'inactive' })
  await person.operatorChanged('kim')
  expect(sent.at(-1)).toMatchObject({ t: 'deauthed', code: 'session-revoked' })
  expect(authors.at(-1)).toBeNull()
})

it('[A7] [U7] rights that change while somebody is being bound are read anew', async () => {
  const { person, operator, asked, authors, changeTo } = setUp()
  const bound = person.bind('token', 1)
  await asked.promise
  changeTo({ ...KIM, areas: ['line-1'] })
  await person.operatorChanged('kim')
  operator.resolve(KIM)
  await bound
  expect(authors).toEqual([{ operator: 'kim', role: 'operator', areas: ['line-1'] }])
})
