/** Who a roster names when the server was killed meanwhile: real processes, on the disk of before. */
import { expect, it, onTestFinished } from 'vitest'
import type { Member } from '../../relay/protocol/presence.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { AndonFloor, API_KEY, type Person } from '../bench/andon-floor.ts'
import { RoomScreen } from '../support/room-screen.ts'

const HEARTBEAT_MS = 1_000
const ARGS = ['--heartbeat-ms', String(HEARTBEAT_MS)]
const LINE = presenceChannel('line-3')
const PIN = '1111'

async function openFloor() {
  const floor = await AndonFloor.open(4, ARGS, { devicesEach: 2, pin: PIN })
  const screens: RoomScreen[] = []
  onTestFinished(async () => {
    await Promise.all(screens.map((screen) => screen.close()))
    await floor.stop()
  })
  const screen = async ({ operator }: Pick<Person, 'operator'>): Promise<RoomScreen> => {
    const opened = await RoomScreen.open({ url: floor.url, operator, pin: PIN, area: 'line-3' })
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
  const { floor, screen } = await openFloor()
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
  await floor.restart(ARGS)
  const beat = await enter(stays)
  const beating = setInterval(() => beat.send(JSON.stringify({ t: 'ping', nonce: 'still-here' })), HEARTBEAT_MS)
  onTestFinished(() => {
    clearInterval(beating)
    beat.destroy()
  })
  const shown = await screen(dies)
  const of = ({ device }: Person) => shown.roster?.members.find((member) => member.device === device.id)
  await shown.until(() => of(dies) !== undefined)
  expect(of(dies)).toMatchObject({ name: 'bench', operator: null, state: 'gone' } satisfies Partial<Member>)
  const since = of(dies)?.since ?? ''
  expect([since >= startedAt, since <= killedAt, shown.roster?.confirmed]).toEqual([true, true, true])
  expect(of(stays)).toMatchObject({ state: 'here', operator: stays.operator })
  await shown.until(({ headcount }) => headcount?.devices.gone === 1)
}, 120_000)
