import { describe, expect, it } from 'vitest'
import { CallQueue } from './call-queue.ts'
import type { Call, Method } from './database.ts'

let ref = 0
const call = (method: Method, ...args: readonly unknown[]): Call => ({ ref: ++ref, method, args })
const submit = (type: string): Call => call('submit', { type })
const page = (channel = 'chat/line-3'): Call => call('events', channel)

/** All groups until nothing waits. */
function groups(queue: CallQueue): (readonly Call[])[] {
  const all = []
  while (!queue.isEmpty) all.push(queue.next())
  return all
}

describe('what waits for the store', () => {
  it('[P3 T15] an alert is in the next group, whatever stands before it', () => {
    const queue = new CallQueue()
    queue.add(Array.from({ length: 5_000 }, () => submit('chat.post')))
    queue.add(Array.from({ length: 5_000 }, () => page()))
    queue.next()
    const alert = submit('alert.raise')
    queue.add([alert])
    const [first, second] = [queue.next(), queue.next()]
    expect([...first, ...second]).toContain(alert)
    expect(first.length + second.length).toBeLessThan(1_000)
  })

  it('[P3 T15] pages are read a few at a time, and of the urgent channel first', () => {
    const queue = new CallQueue()
    const [slow, urgent] = [Array.from({ length: 10 }, () => page()), page('alerts/urgent')]
    queue.add([...slow, urgent])
    expect(groups(queue)).toEqual([[urgent, ...slow.slice(0, 3)], slow.slice(3, 7), slow.slice(7)])
  })

  it('[T15] commands and pages take turns, so that neither starves the other', () => {
    const queue = new CallQueue()
    queue.add(Array.from({ length: 1_200 }, () => submit('chat.post')))
    queue.add(Array.from({ length: 6 }, () => page()))
    const methods = groups(queue).map((group) => `${group.length} ${group[0]?.method}`)
    expect(methods).toEqual(['512 submit', '4 events', '512 submit', '2 events', '176 submit'])
  })

  it('everything else keeps the order of the calls', () => {
    const queue = new CallQueue()
    const calls = [submit('chat.post'), call('confirm', {}), call('resume', 'alerts/urgent'), submit('order.edit')]
    queue.add(calls)
    expect(groups(queue)).toEqual([calls])
  })
})
