import { expect, it, onTestFinished } from 'vitest'
import { telemetryChannel } from '../../relay/protocol/machine-names.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { Machine } from '../support/machine.ts'
import { freePort, startServer } from '../support/processes.ts'
import { RoomScreen } from '../support/room-screen.ts'
import { createDevice, WireClient } from '../support/wire-client.ts'

const LINE = presenceChannel('line-3')
const HOUR_MS = 3_600_000
const PRESS = telemetryChannel('line-3', 'press-1')

/** A demonstration server whose clock can be set, and a screen that shows line-3; null where clocks cannot be set. */
async function floorWithClock(args: readonly string[] = []) {
  const machine = new Machine()
  onTestFinished(() => machine.clear())
  const clock = machine.makeClock('server')
  if (clock === null) return null
  const { program, url } = await startServer(machine.makeFolder('server'), await freePort(), {
    env: clock.env,
    extra: args,
  })
  onTestFinished(() => program.kill())
  const open = async (): Promise<RoomScreen> => {
    const screen = await RoomScreen.open({ url, operator: 'kim', pin: '1111', area: 'line-3' })
    onTestFinished(() => screen.close())
    return screen
  }
  return { url, clock, open }
}

it('[P7] screens show what comes also after the clock of the server was set back, in rooms as of machines', async ({
  skip,
}) => {
  const floor = await floorWithClock()
  skip(floor === null, 'libfaketime is not installed')
  if (floor === null) return
  const { clock } = floor
  const [screen, other] = [await floor.open(), await floor.open()]
  screen.show(PRESS)
  const force = () => screen.window.live.get(PRESS)?.get('force')
  const looking = (at: string) =>
    screen.until(({ roster }) => roster?.members.some(({ looks }) => looks === at) === true)

  other.window.track([{ channel: LINE, looks: 'Press 1' }])
  await looking('Press 1')
  await screen.until(() => force() !== undefined)
  const before = Date.parse(force()?.at ?? '')

  clock.set(-HOUR_MS)
  other.window.track([{ channel: LINE, looks: 'Press 2' }])
  await looking('Press 2')
  await screen.until(() => Date.parse(force()?.at ?? '') < before - HOUR_MS / 2)

  clock.set(0)
  other.window.track([{ channel: LINE, looks: 'Press 3' }])
  await looking('Press 3')
  await screen.until(() => Date.parse(force()?.at ?? '') > before)
})

it.for([HOUR_MS, -HOUR_MS])(
  '[M10] [P7] a clock that is set by %i ms during a lease ends it for nobody, and lengthens it for nobody',
  async (byMs, { skip }) => {
    const floor = await floorWithClock(['--heartbeat-ms', '1000'])
    skip(floor === null, 'libfaketime is not installed')
    if (floor === null) return
    const [screen, stays] = [await floor.open(), await floor.open()]
    await screen.until(({ roster }) => roster?.confirmed === true)
    const [goes, device] = [new WireClient(floor.url), await createDevice()]
    await goes.greet(device)
    goes.send({ t: 'track', channel: LINE, state: { state: 'here' } })
    stays.window.track([{ channel: LINE, looks: 'Press 1' }])
    const lost = ({ roster }: RoomScreen) => roster?.members.find((member) => member.device === device.id)
    const stayed = ({ roster }: RoomScreen) => roster?.members.find(({ looks }) => looks === 'Press 1')
    await screen.until((shown) => lost(shown)?.state === 'here' && stayed(shown) !== undefined)
    const seen = new Set<string>()
    const look = (): void => void seen.add(`${stayed(screen)?.state} since ${stayed(screen)?.since}`)
    look()
    onTestFinished(screen.window.listenLive(look))
    // Torn without a word.
    goes.close()
    floor.clock.set(byMs)
    await screen.until((shown) => lost(shown)?.state === 'gone')
    expect([...seen]).toHaveLength(1)
  },
)
