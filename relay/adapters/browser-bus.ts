import type { BusMessage } from '../protocol/local.ts'

/** What the relay of this device says to all its windows, on the bus of this name. */
export function busHere(name: string): { listen(heard: (message: BusMessage) => void): () => void } {
  return {
    listen(heard) {
      const bus = new BroadcastChannel(name)
      bus.addEventListener('message', (event) => heard(event.data as BusMessage))
      return () => bus.close()
    },
  }
}
