import { relayStoreContract } from './relay-store.contract.ts'
import { MemoryDisk, MemoryStore } from './memory-store.ts'

relayStoreContract('the memory store', {
  place: () => {
    const disk = new MemoryDisk()
    return { open: () => Promise.resolve(new MemoryStore(disk)) }
  },
  secondOpener: 'not-applicable',
})
