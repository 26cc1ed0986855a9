/** What a person's device can say of itself in rooms that it should not, and that members who are there hear each other meanwhile. */
import { describe, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Member } from '../../relay/protocol/presence.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import type { WireClient } from '../support/wire-client.ts'
import { answersTo, besiegeFloor, SITE_KEY, type SignedIn } from './besieged-floor.ts'

const floor = besiegeFloor()
const LINE = presenceChannel('line-3')
const RIGHT_TO_LEFT = '\u202e'

/** Two members of line-3 of whom one reads who is there: resolves when it heard the other say something new. */
async function members(): Promise<{ readonly hears: () => Promise<Member> }> {
  const [reader, other] = [await floor.signedIn('park'), await floor.signedIn('chief')]
  reader.client.send({ t: 'subscribe', channel: LINE, credit: 1 })
  await reader.client.next('subscribed')
  let turn = 0
  const hears = async (): Promise<Member> => {
    const looks = `WO-${(turn += 1)}`
    other.client.send({ t: 'track', channel: LINE, state: { state: 'here', looks } })
    const isIt = (value: unknown): boolean => (value as Member | null)?.looks === looks
    const { value } = await reader.client.next('live', ({ channel, value: told }) => channel === LINE && isIt(told))
    return value as Member
  }
  await hears()
  return { hears }
}

/** How many members there are, by the server's metrics. */
async function memberCount(): Promise<number> {
  const response = await fetch(`${floor.url()}/metrics`, { headers: { authorization: `Bearer ${SITE_KEY}` } })
  return Number(/^andon_members (\d+)$/m.exec(await response.text())?.[1])
}

async function memberOf({ client, device }: SignedIn, channel: ChannelName): Promise<Member> {
  const { value } = await client.next('live', ({ channel: name, key }) => name === channel && key === device.id)
  return value as Member
}

/** A frame that no client would make. */
const track = (state: unknown, channel: string = LINE): string => JSON.stringify({ t: 'track', channel, state })
const subscribe = (maxHz: string): string => `{"t":"subscribe","channel":"${LINE}","credit":1,"maxHz":${maxHz}}`

/** Codes of what a client was refused, each once. */
function refusals(client: WireClient): readonly string[] {
  return [...new Set(client.received.flatMap((frame) => (frame.t === 'error' ? [frame.code] : [])))].toSorted()
}

describe('in rooms [M9] [P8]', () => {
  it('a device that enters ten thousand is in sixteen, is told so, and costs nobody else a word', async () => {
    const { hears } = await members()
    const before = await memberCount()
    const { client } = await floor.signedIn()
    for (let room = 0; room < 10_000; room += 1)
      client.sendRaw(track({ state: 'here' }, presenceChannel('line-3', `order-${room}`)))
    await client.next('error', ({ code }) => code === 'too-many-rooms')
    await client.next('error', ({ code }) => code === 'rate-limited')
    for (let word = 0; word < 5; word += 1) await hears()
    expect((await memberCount()) - before).toBe(LIMITS.maxRooms)
    client.close()
  })

  it('a state of a megabyte is refused, as is one of two kilobytes, and what others say of themselves goes on', async () => {
    const { hears } = await members()
    const own = (keys: number, bytes: number) =>
      Object.fromEntries(Array.from({ length: keys }, (_, index) => [`k${index}`, 'x'.repeat(bytes)]))
    const { client } = await floor.signedIn()
    const answers = await answersTo(
      client,
      track({ state: 'here', own: own(20, 100) }),
      track({ state: 'here', own: own(1_000, 100) }),
      track({ state: 'here', looks: 'x'.repeat(100_000) }),
    )
    expect(answers).toEqual(['error signal-too-large', 'error signal-too-large', 'error bad-frame'])
    client.sendRaw(track({ state: 'here', own: own(10_000, 100) }))
    expect((await client.closed()).code).toBe(1009)
    await hears()
    const { client: next } = await floor.signedIn()
    next.sendRaw(track({ state: 'here', own: own(3_000, 100) }))
    expect((await next.closed()).code).toBe(4413)
    await hears()
  })

  it('what would turn words around, or be seen by nobody, is no place; a name is made fit to be read', async () => {
    const guest = await floor.stranger(undefined, { name: `Press${RIGHT_TO_LEFT} 7\u0007` })
    const kim = await floor.signedIn('kim', guest)
    const states = [
      { state: 'here', looks: `${RIGHT_TO_LEFT}gnp` },
      { state: 'here', looks: 'bell\u0007' },
      { state: 'here', own: { view: `\u2066x` } },
      { state: 'here', own: { [RIGHT_TO_LEFT]: 1 } },
      { state: 'gone' },
      { state: 'here', agoMs: -1 },
      { state: 'here', agoMs: 1e300 },
    ]
    const answers = await answersTo(kim.client, ...states.map((state) => track(state)))
    expect(new Set(answers)).toEqual(new Set(['error bad-frame']))
    expect(answers).toHaveLength(states.length)
    kim.client.send({ t: 'subscribe', channel: LINE, credit: 1 })
    kim.client.send({ t: 'track', channel: LINE, state: { state: 'here' } })
    const { name } = await memberOf(kim, LINE)
    // oxlint-disable-next-line no-control-regex -- it is what must not be in it
    expect(name).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    expect(name).toContain('Press')
  })

  it.each(['0', '-1', '1000000', '59.5', '1e400', 'null', '"NaN"'])(
    'a pace of %s is none, and the next that is one is taken',
    async (maxHz) => {
      const { client } = await floor.signedIn()
      expect(await answersTo(client, subscribe(maxHz))).toEqual(['error bad-frame'])
      client.sendRaw(subscribe('60'))
      await client.next('subscribed')
    },
  )

  it('a storm of one device in a room is told so, and others hear each other through it', async () => {
    const { hears } = await members()
    const { client } = await floor.signedIn()
    for (let word = 0; word < 3_000; word += 1)
      client.send({
        t: 'signal',
        channel: 'room/line-3/hall' as ChannelName,
        key: `k${word % 16}`,
        data: 'x'.repeat(500),
      })
    await client.next('error', ({ code }) => code === 'rate-limited')
    for (let word = 0; word < 5; word += 1) await hears()
    expect(refusals(client)).toEqual(['rate-limited'])
    client.close()
  })
})
