/**
 * The suite every store runs. `open` starts from an empty place, `reopen` closes and opens the same place again (a crash
 * where the adapter can do one). Rules are those of PROTOCOL.md.
 */
import { afterEach, beforeEach, describe } from 'vitest'
import { commandsContract } from './store-commands.contract.ts'
import { lastHeardContract } from './store-last-heard.contract.ts'
import { readingContract } from './store-reading.contract.ts'
import { evidenceContract } from './store-evidence.contract.ts'
import { messagesContract } from './store-messages.contract.ts'
import { openAlertsContract } from './store-open-alerts.contract.ts'
import { rejectionsContract } from './store-rejections.contract.ts'
import { greeting, session, type Bench } from './store-samples.contract.ts'
import { tailContract } from './store-tail.contract.ts'
import type { Store } from './store.ts'

export interface StoreHarness {
  open(): Promise<Store>
  reopen(store: Store): Promise<Store>
  dispose(): Promise<void>
}

export function storeContract(name: string, createHarness: () => StoreHarness): void {
  describe(`store contract: ${name}`, () => {
    let harness: StoreHarness
    let store: Store
    const bench: Bench = {
      get store() {
        return store
      },
      async reopen() {
        store = await harness.reopen(store)
      },
    }

    beforeEach(async () => {
      harness = createHarness()
      store = await harness.open()
      await store.addArea('line-3')
      await store.addArea('line-1')
      await store.putOperator({ id: 'kim', role: 'operator', areas: ['line-3'], pinHash: 'x', status: 'active' })
      await store.greet(greeting())
      await store.putSession(session())
    })
    afterEach(async () => {
      await store.close()
      await harness.dispose()
    })

    commandsContract(bench)
    rejectionsContract(bench)
    openAlertsContract(bench)
    messagesContract(bench)
    readingContract(bench)
    evidenceContract(bench)
    lastHeardContract(bench)
    tailContract(bench)
  })
}
