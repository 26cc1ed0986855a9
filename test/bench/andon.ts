import { LIMITS } from '../../relay/protocol/limits.ts'
import { AndonFloor, type Person } from './andon-floor.ts'
import type { Acceptor, Backlog, Subject } from './subject.ts'

const CHANNEL = 'chat/line-3'
/** `{"t":"event"` and `{"t":"page"`: the letter after the quote, and one that tells it from every other frame. */
const isEventFrame = (payload: Buffer): boolean => payload[6] === 0x65 && payload[7] === 0x76
const isPageFrame = (payload: Buffer): boolean => payload[6] === 0x70 && payload[7] === 0x61
/** Once in every event of a page: the name of a field, with the quote that no text in it can have. */
const EVENT_MARK = '"type":'

/** As a system that fans out: people who follow one line's chat, and one who talks. */
export async function startAndon(people: number): Promise<Subject> {
  const floor = await AndonFloor.open(people)
  return {
    name: floor.name,
    process: floor.process,
    async subscribe(delivered) {
      const socket = await floor.connect(floor.nextPerson())
      await new Promise<void>((resolve) => {
        socket.onMessage = (payload) => {
          if (isEventFrame(payload)) delivered()
          else resolve()
        }
        socket.send(JSON.stringify({ t: 'subscribe', channel: CHANNEL, credit: 4 }))
      })
    },
    publisher: () => floor.sender(() => {}),
    stop: () => floor.stop(),
  }
}

/** Devices sign in and send; a command is accepted when its result is back, which is after the fsync. */
export async function startAndonAcceptor(people: number): Promise<Acceptor> {
  const floor = await AndonFloor.open(people)
  return { name: floor.name, sender: (accepted) => floor.sender(accepted), stop: () => floor.stop() }
}

/** Readers resume from the cursor they hold, and pull pages with credit. */
export async function startAndonBacklog(readers: number): Promise<Backlog> {
  const floor = await AndonFloor.open(readers + 1)
  const cursors: object[] = []
  const leave = async (person: Person): Promise<object> => {
    const socket = await floor.connect(person)
    const snapshot = await new Promise<{ epoch: string; offset: number; id: string | null }>((resolve) => {
      socket.onMessage = (payload) => {
        const frame = JSON.parse(payload.toString()) as { t: string; epoch: string; offset: number; id: string | null }
        if (frame.t === 'snapshot') resolve(frame)
      }
      socket.send(JSON.stringify({ t: 'subscribe', channel: CHANNEL, credit: 1 }))
    })
    socket.destroy()
    const { epoch, offset, id } = snapshot
    return { epoch, offset, id }
  }
  return {
    name: floor.name,
    process: floor.process,
    async leave(count) {
      cursors.push(...(await Promise.all(floor.people.slice(1, count + 1).map(leave))))
    },
    async publish(count) {
      let left = count
      let done: () => void = () => {}
      const isDone = new Promise<void>((resolve) => (done = resolve))
      const send = await floor.sender(() => {
        left -= 1
        if (left >= LIMITS.maxInFlight) send()
        else if (left === 0) done()
      })
      for (let sent = 0; sent < Math.min(count, LIMITS.maxInFlight); sent += 1) send()
      await isDone
    },
    async comeBack(reader, delivered) {
      const person = floor.people[reader + 1]
      if (person === undefined) throw new Error(`no reader ${reader}`)
      const socket = await floor.connect(person)
      const credit = JSON.stringify({ t: 'credit', channel: CHANNEL, pages: 1 })
      socket.onMessage = (payload) => {
        if (isEventFrame(payload)) delivered(1)
        if (!isPageFrame(payload)) return
        delivered(occurrences(payload, EVENT_MARK))
        socket.send(credit)
      }
      const cursor = cursors[reader]
      return () => socket.send(JSON.stringify({ t: 'subscribe', channel: CHANNEL, cursor, credit: 2 }))
    },
    stop: () => floor.stop(),
  }
}

/** How often it is in there: parsing pages would be the load generator's work, not the server's. */
function occurrences(payload: Buffer, mark: string): number {
  let count = 0
  for (let at = payload.indexOf(mark); at >= 0; at = payload.indexOf(mark, at + mark.length)) count += 1
  return count
}
