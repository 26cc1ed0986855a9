/** What one person on a hundred devices can take of a room from the others: a real floor, and connections as a program makes them. */
import { expect, it, onTestFinished } from 'vitest'
import type { ServerFrame } from '../../relay/protocol/frames.ts'
import type { Member } from '../../relay/protocol/presence.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { AndonFloor, type Person } from '../bench/andon-floor.ts'

const LINE = presenceChannel('line-3')
const SHARE = LIMITS.maxMembers / 8
const DEVICES = SHARE + 5
/** Nobody here sends heartbeats. */
const SLOW = ['--heartbeat-ms', '30000']

it('[M9] [P8] [Y9] a person on many devices has an eighth of an area, and costs neither a terminal its name nor anybody a place', async () => {
  const floor = await AndonFloor.open(2 * DEVICES, SLOW, { devicesEach: DEVICES })
  onTestFinished(() => floor.stop())
  const [loud, others] = [floor.people.slice(0, DEVICES), floor.people.slice(DEVICES)]
  /** Of the one that entered last. */
  let bye = (): void => {}
  /** Connected; tells what was answered until its words were heard. */
  const enter = async (person: Person, ...frames: readonly object[]): Promise<readonly ServerFrame[]> => {
    const socket = await floor.connect(person)
    const heard: ServerFrame[] = []
    return await new Promise((resolve, reject) => {
      socket.onClose = () => reject(new Error('closed'))
      socket.onMessage = (payload) => {
        const frame = JSON.parse(payload.toString()) as ServerFrame
        heard.push(frame)
        if (frame.t !== 'pong') return
        socket.onClose = () => {}
        resolve(heard)
      }
      bye = () => socket.send(JSON.stringify({ t: 'bye', reason: 'stopping' }))
      for (const frame of frames) socket.send(JSON.stringify(frame))
      socket.send(JSON.stringify({ t: 'ping', nonce: 'all-of-it' }))
    })
  }
  const track = { t: 'track', channel: LINE, state: { state: 'here' } }
  const codes = (frames: readonly ServerFrame[]) => frames.flatMap((frame) => (frame.t === 'error' ? [frame.code] : []))
  const [silent, late] = [others[0], others[1]]
  if (silent === undefined || late === undefined) throw new Error('nobody')
  await enter(silent, track)
  bye()
  const answers: string[] = []
  for (const person of loud) answers.push(...codes(await enter(person, track)))
  expect(answers).toEqual(Array<string>(DEVICES - SHARE).fill('room-full'))
  const seen = await enter(late, track, { t: 'subscribe', channel: LINE, credit: 1 })
  expect(codes(seen)).toEqual([])
  const members = seen.flatMap((frame) => (frame.t === 'live' && frame.key !== 'roster' ? [frame] : []))
  const of = ({ device }: Person): Member | undefined =>
    members.find(({ key }) => key === device.id)?.value as Member | undefined
  expect([of(silent)?.state, of(late)?.state]).toEqual(['gone', 'here'])
  expect(members.filter(({ value }) => (value as Member).operator === loud[0]?.operator)).toHaveLength(SHARE)
}, 120_000)
