import { expect, test } from 'vitest'
import { VirtualClock } from '../../relay/testing/virtual-clock.ts'
import { daemonProbe, PROBE_LIMITS, type BusPlaces, type RunEnd } from './notifications-probe.ts'

const BUS: BusPlaces = { env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/bus' }, exists: () => false }
const NO_BUS: BusPlaces = { env: {}, exists: () => false }

/** A machine whose programs end like this; `ran` is what was called. */
function machine(ends: Readonly<Record<string, RunEnd>>, places: BusPlaces = BUS) {
  const ran: string[] = []
  const clock = new VirtualClock()
  const run = async (command: string): Promise<RunEnd> => {
    ran.push(command)
    return ends[command] ?? { kind: 'missing' }
  }
  return { probe: daemonProbe(run, places, clock), ran, clock }
}

test.each([
  ['busctl', 'ssss "dunst" "knopwob" "1.9.0" "1.2"\n'],
  ['gdbus', "('dunst', 'knopwob', '1.9.0', '1.2')\n"],
  ['dbus-send', 'method return time=1.2 sender=:1.0\n   string "dunst"\n   string "knopwob"\n'],
])('an answer, by %s where that is what the machine has, names the daemon', async (command, said) => {
  const { probe } = machine({ [command]: { kind: 'ended', ok: true, said } })
  expect(await probe()).toEqual({ kind: 'answers', name: 'dunst' })
})

test('no session bus: nothing is run, because asking could start one', async () => {
  const { probe, ran } = machine({}, NO_BUS)
  expect(await probe()).toMatchObject({ kind: 'silent', why: 'no-bus' })
  expect(ran).toEqual([])
})

test('a bus in the runtime directory is found', async () => {
  const places: BusPlaces = { env: { XDG_RUNTIME_DIR: '/run/user/7' }, exists: (path) => path === '/run/user/7/bus' }
  const { probe } = machine({ busctl: { kind: 'ended', ok: true, said: 'ssss "mako"' } }, places)
  expect(await probe()).toMatchObject({ kind: 'answers', name: 'mako' })
})

test.each([
  [{ kind: 'ended', ok: false, said: 'The name is not activatable' }, 'no-answer'],
  [{ kind: 'ended', ok: false, said: 'no answer in time' }, 'no-answer'],
  [{ kind: 'ended', ok: true, said: '' }, 'no-answer'],
  [{ kind: 'missing' }, 'no-tool'],
] as const)('%j is no daemon: %s', async (end, why) => {
  const { probe } = machine({ busctl: end })
  expect(await probe()).toMatchObject({ kind: 'silent', why })
})

test('what one program was told is not asked again by another', async () => {
  const { probe, ran } = machine({ busctl: { kind: 'ended', ok: false, said: 'no' } })
  await probe()
  expect(ran).toEqual(['busctl'])
})

test('calls at once share a question; an answer holds for a moment only', async () => {
  const { probe, ran, clock } = machine({ busctl: { kind: 'ended', ok: true, said: 'ssss "dunst"' } })
  await Promise.all([probe(), probe(), probe()])
  await probe()
  expect(ran).toHaveLength(1)
  await clock.advance(PROBE_LIMITS.cacheMs)
  await probe()
  expect(ran).toHaveLength(2)
})
