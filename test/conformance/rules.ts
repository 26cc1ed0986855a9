import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from './case.ts'

const PROTOCOL = join(import.meta.dirname, '../../relay/protocol/PROTOCOL.md')

/** What no case shows, and why. Said in the report, so that nobody takes silence for a proof. */
const UNSEEN: Readonly<Record<string, string>> = {
  M5: 'which of two frames of one tick was first is not seen',
  A7: 'ends every session of a person, which is nothing to do to a floor that is used',
  D5: 'binds the relay: a command that is sent again is a command like any other',
  D6: 'takes more rejected commands than a floor should be left with',
  G9: 'takes more devices than a floor should be left with',
  C6: 'needs a server whose disk is full',
  E4: 'needs a server that is restarted: the contract of the store and `server/gateway` do it',
  N11: 'needs two links of one device and a store between them: the contract of the store does it',
  C5: 'binds the relay: what it does after a close is not seen from the server',
}

/** What the cases of a rule leave open. */
const OPEN: Readonly<Record<string, string>> = {
  A6: 'the half that binds the relay is not seen',
  G6: 'configured origins are the site’s own secret',
  C4: 'the half that binds the relay is not seen',
  W1: 'durability needs a power cut; the fault soak kills the server instead',
  W11: 'a session that runs out lasts longer than a visit',
  W4: 'what the relay confirms is its own affair',
  W6: 'retry-later itself needs a server in trouble, see the fault soak',
  S3: 'expired needs a log older than what the site keeps',
  S8: 'too-many-subscriptions needs a floor of more than 256 channels',
  S9: 'which of two frames of one tick was first is not seen',
  M2: 'the time to live itself is too long to wait for',
  M3: 'what a full connection is not given is not seen',
  H3: 'what the relay does about a gap is not seen',
  E3: 'that a batch over the rate waits takes more receipts than a floor should be sent',
  L1: 'that the relay waits is not seen',
  N1: 'is shown by every other case, over every way',
  N7: 'the half that binds the relay is not seen',
}

/** Ids of the rules, in the order of PROTOCOL.md. */
export function protocolRules(): readonly string[] {
  return [...readFileSync(PROTOCOL, 'utf8').matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map((match) => match[1] ?? '')
}

export interface RuleRow {
  readonly rule: string
  readonly cases: readonly Case[]
  /** What is not shown; null when the cases show all of it. */
  readonly open: string | null
}

/** The table rules → cases. A rule that nobody thought of stands in it, too. */
export function tableOf(cases: readonly Case[]): readonly RuleRow[] {
  return protocolRules().map((rule) => {
    const own = cases.filter(({ rules }) => rules.includes(rule))
    const open = own.length === 0 ? (UNSEEN[rule] ?? 'nobody has written a case yet') : (OPEN[rule] ?? null)
    return { rule, cases: own, open }
  })
}

/** For the test that holds the notes above against PROTOCOL.md. */
export const NOTED: readonly string[] = [...Object.keys(UNSEEN), ...Object.keys(OPEN)]
