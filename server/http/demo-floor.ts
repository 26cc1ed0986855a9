import type { TypedCommand } from '../../relay/protocol/commands.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { Role } from '../../relay/protocol/records.ts'
import type { Pins } from '../ports/pins.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import type { Store } from '../ports/store.ts'
import { DEMO_ORDERS, DEMO_RUNNING } from './demo-orders.ts'
import { sha256 } from './hashes.ts'

/** The demonstration floor of the README: the same for everyone, printed in the manual, and therefore for one machine only. */
export const DEMO_AREAS = ['line-1', 'line-2', 'line-3'] as const

export const DEMO_OPERATORS: readonly {
  readonly id: string
  readonly pin: string
  readonly role: Role
  readonly areas: readonly string[]
}[] = [
  { id: 'kim', pin: '1111', role: 'operator', areas: ['line-3'] },
  { id: 'lee', pin: '2222', role: 'operator', areas: ['line-3'] },
  { id: 'park', pin: '3333', role: 'supervisor', areas: ['*'] },
  { id: 'admin', pin: '4444', role: 'admin', areas: ['*'] },
]

export const DEMO_KEY = 'demo-key'

/**
 * Known PINs and a real floor never share a folder: a sentence when this store is of the other kind, null when it may be used.
 */
export async function mixedFloor(
  store: StoreAdministration,
  { demo, data }: { demo: boolean; data: string },
): Promise<string | null> {
  const isDemo = (await store.apiKeyByHash(sha256(DEMO_KEY))) !== null
  if (!demo && isDemo) {
    return `${data} holds the demonstration floor, whose PINs everybody knows; start it with --demo, or choose another folder with --data.`
  }
  if (demo && !isDemo && (await store.operators()).length > 0) {
    return `${data} holds a real floor, which --demo would open to everybody; start it without --demo, or choose another folder with --data.`
  }
  return null
}

/** Fills an empty store with the demonstration floor. What is already there stays as people left it. */
export async function seedDemo(store: Store, pins: Pins): Promise<void> {
  // First the key, by which another node that begins at the same time knows whose floor this is.
  const hash = sha256(DEMO_KEY)
  if ((await store.apiKeyByHash(hash)) === null) {
    await store.putApiKey({ id: DEMO_KEY, name: DEMO_KEY, hash, role: 'admin', areas: ['*'] })
  }
  const areas = await store.areas()
  for (const area of DEMO_AREAS) if (!areas.includes(area)) await store.addArea(area)
  for (const { id, pin, role, areas: covers } of DEMO_OPERATORS) {
    if ((await store.operator(id)) !== null) continue
    await store.putOperator({ id, role, areas: covers, pinHash: await pins.hash(pin), status: 'active' })
  }
  await seedOrders(store)
}

async function seedOrders(store: Store): Promise<void> {
  for (const { id, data } of DEMO_ORDERS) {
    if ((await store.record('orders', id)) !== null) continue
    await seedOrder(store, id, { id, type: 'order.create', data })
    const running = DEMO_RUNNING.find((one) => one.data.id === id)
    if (running !== undefined) await seedOrder(store, id, { ...running, type: 'order.update' })
  }
}

async function seedOrder(
  store: Store,
  order: CommandId,
  command: { readonly id: CommandId } & TypedCommand,
): Promise<void> {
  const { verdict } = await store.submit({ source: { kind: 'api', keyId: DEMO_KEY, idempotency: null }, ...command })
  const isTaken = verdict.kind === 'done' && verdict.outcome.outcome === 'applied'
  // Another node that begins at the same time does the same.
  if (!isTaken && (await store.record('orders', order)) === null) {
    throw new Error(`the demonstration order ${command.id} was not taken: ${JSON.stringify(verdict)}`)
  }
}
