import { it, onTestFinished } from 'vitest'
import { telemetryChannel } from '../../relay/protocol/machine-names.ts'
import { Machine } from '../support/machine.ts'
import { freePort, startServer } from '../support/processes.ts'
import { RoomScreen } from '../support/room-screen.ts'

const HOUR_MS = 3_600_000
const PRESS = telemetryChannel('line-3', 'press-1')

it('[P7] screens show what comes also after the clock of the server was set back, in rooms as of machines', async ({
  skip,
}) => {
  const machine = new Machine()
  onTestFinished(() => machine.clear())
  const clock = machine.makeClock('server')
  skip(clock === null, 'libfaketime is not installed')
  if (clock === null) return
  const { program, url } = await startServer(machine.makeFolder('server'), await freePort(), { env: clock.env })
  onTestFinished(() => program.kill())
  const reading = { url, operator: 'kim', pin: '1111', area: 'line-3' }
  const [screen, other] = [await RoomScreen.open(reading), await RoomScreen.open(reading)]
  onTestFinished(async () => void (await Promise.all([screen.close(), other.close()])))
  screen.show(PRESS)
  const force = () => screen.window.live.get(PRESS)?.get('force')
  const looking = (at: string) =>
    screen.until(({ roster }) => roster?.members.some(({ looks }) => looks === at) === true)

  other.window.track([{ channel: 'presence/line-3', looks: 'Press 1' }])
  await looking('Press 1')
  await screen.until(() => force() !== undefined)
  const before = Date.parse(force()?.at ?? '')

  clock.set(-HOUR_MS)
  other.window.track([{ channel: 'presence/line-3', looks: 'Press 2' }])
  await looking('Press 2')
  await screen.until(() => Date.parse(force()?.at ?? '') < before - HOUR_MS / 2)

  clock.set(0)
  other.window.track([{ channel: 'presence/line-3', looks: 'Press 3' }])
  await looking('Press 3')
  await screen.until(() => Date.parse(force()?.at ?? '') > before)
})
