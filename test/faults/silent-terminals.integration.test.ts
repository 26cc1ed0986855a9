/** Who a roster names when the server was killed meanwhile: real processes, on the disk of before. */
import { expect, it, onTestFinished } from 'vitest'
import type { Member } from '../../relay/protocol/presence.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { AndonFloor, API_KEY, type Person } from '../bench/andon-floor.ts'
import { RoomScreen } from '../support/room-screen.ts'

const HEARTBEAT_MS = 1_000
/** Where everybody has to be back within ten and a half of them (PROTOCOL M12), however busy the machine is. */
const LONG_HEARTBEAT_MS = 2_000
/** As much as what people are told of a time may be off, milliseconds: the server was away meanwhile. */
const OFF_MS = 6_000
const args = (heartbeatMs: number): readonly string[] => ['--heartbeat-ms', String(heartbeatMs)]
const LINE = presenceChannel('line-3')
const PIN = '1111'

async function openFloor(heartbeatMs: number) {
  const floor = await AndonFloor.open(4, args(heartbeatMs), { devicesEach: 2, pin: PIN })
  const screens: RoomScreen[] = []
  onTestFinished(async () => {
    await Promise.all(screens.map((screen) => screen.close()))
    await floor.stop()
  })
  const screen = async (name: string, { operator }: Pick<Person, 'operator'>): Promise<RoomScreen> => {
    const opened = await RoomScreen.open({ url: floor.url, operator, pin: PIN, area: 'line-3', name })
    screens.push(opened)
    return opened
  }
  return { floor, screen }
}

/** Resolves when the server has written down of so many devices that they were heard. */
async function areKept({ url }: AndonFloor, count: number): Promise<void> {
  const kept = async (): Promise<number> => {
    const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${API_KEY}` } })
    return Number(/^andon_last_heard_kept (\d+)$/m.exec(await response.text())?.[1])
  }
  await expect.poll(kept, { timeout: 60_000 }).toBe(count)
}

it('[M10] [M12] a terminal that died before the server was killed is silent since then, once others had the time to come back', async () => {
  const { floor, screen } = await openFloor(HEARTBEAT_MS)
  const [dies, stays] = [floor.nextPerson(), floor.nextPerson()]
  const startedAt = new Date().toISOString()
  const enter = async (person: Person) => {
    const socket = await floor.connect(person)
    socket.onMessage = () => {}
    socket.onClose = () => {}
    socket.send(JSON.stringify({ t: 'track', channel: LINE, state: { state: 'here' } }))
    return socket
  }
  const [dying] = [await enter(dies), await enter(stays)]
  await areKept(floor, 2)
  dying.destroy()
  const killedAt = new Date().toISOString()
  await floor.restart(args(HEARTBEAT_MS))
  const beat = await enter(stays)
  const beating = setInterval(() => beat.send(JSON.stringify({ t: 'ping', nonce: 'still-here' })), HEARTBEAT_MS)
  onTestFinished(() => {
    clearInterval(beating)
    beat.destroy()
  })
  const shown = await screen('Board', dies)
  const of = ({ device }: Person) => shown.roster?.members.find((member) => member.device === device.id)
  await shown.until(() => of(dies) !== undefined)
  expect(of(dies)).toMatchObject({ name: 'bench', operator: null, state: 'gone' } satisfies Partial<Member>)
  const since = of(dies)?.since ?? ''
  expect([since >= startedAt, since <= killedAt, shown.roster?.confirmed]).toEqual([true, true, true])
  expect(of(stays)).toMatchObject({ state: 'here', operator: stays.operator })
  await shown.until(({ headcount }) => headcount?.devices.gone === 1)
}, 120_000)

it('[M9] [M10] two windows of a device and two devices of a person flap, and the server is killed meanwhile: each is there once, and nobody was told otherwise', async () => {
  const { floor, screen } = await openFloor(LONG_HEARTBEAT_MS)
  const [owner, reader] = [floor.people[0] as Person, floor.people[2] as Person]
  const board = await screen('Board', reader)
  const [kiosk, phone] = [await screen('Kiosk', owner), await screen('Phone', owner)]
  const [left, right] = [kiosk.openWindow(), kiosk.openWindow()]
  const on = (looks: string) => [{ channel: LINE, looks }]
  const of = (name: string) => (board.roster?.members ?? []).filter((member) => member.name === name)
  const isAt = (name: string, looks: string) => board.until(() => of(name)[0]?.looks === looks)
  left.track(on('WO-1'))
  phone.window.track(on('WO-9'))
  await isAt('Kiosk', 'WO-1')
  await isAt('Phone', 'WO-9')
  await board.until(({ headcount }) => headcount?.people === 1)
  board.follow(LINE)
  const flap = (first: number): void => {
    // One window says it, then the other, and at no time neither of them.
    for (let turn = first; turn < first + 20; turn += 2) {
      right.track(on(`WO-${turn}`))
      left.track([])
      left.track(on(`WO-${turn + 1}`))
      right.track([])
      phone.window.track(on(`WO-${turn}`))
    }
  }
  flap(100)
  await isAt('Kiosk', 'WO-119')
  const since = of('Kiosk')[0]?.since
  flap(200)
  await floor.restart(args(LONG_HEARTBEAT_MS))
  flap(300)
  await isAt('Kiosk', 'WO-319')
  await isAt('Phone', 'WO-318')
  await board.until(({ roster }) => roster?.confirmed === true)
  for (const name of ['Kiosk', 'Phone'])
    expect(of(name)).toMatchObject([{ operator: owner.operator, state: 'here' } satisfies Partial<Member>])
  // The same people as before the server was killed: told anew, they would be there since then.
  const ago = Math.abs(Date.parse(of('Kiosk')[0]?.since ?? '') - Date.parse(since ?? ''))
  expect(ago).toBeLessThan(OFF_MS)
  await board.until(({ headcount }) => headcount?.people === 1 && headcount.devices.here === 2)
  // One of the two goes: the person is there still.
  const { device } = of('Phone')[0] ?? { device: '' }
  await phone.close()
  await board.until(() => of('Phone').every(({ state }) => state === 'gone'))
  await board.until(({ headcount }) => headcount?.people === 1 && headcount.devices.here === 1)
  await expect.poll(() => board.moves).toEqual([{ kind: 'left', device }])
}, 120_000)
