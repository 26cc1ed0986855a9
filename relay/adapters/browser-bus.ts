import { BUS_NAME, type BusMessage } from '../protocol/local.ts'

/** What the relay of this device says to all its windows. Returns the release. */
export function listenToBus(heard: (message: BusMessage) => void): () => void {
  const bus = new BroadcastChannel(BUS_NAME)
  bus.addEventListener('message', (event) => heard(event.data as BusMessage))
  return () => bus.close()
}
