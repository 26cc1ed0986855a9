/** Every sheet, over the scene that has something to show in it. For tests and for looking at. */
import { id } from '../../relay/domain/testing/samples.ts'
import type { SheetName } from '../state/sheets.ts'
import { hashOf } from './chat-scenes.ts'

export interface SheetScene {
  readonly name: string
  /** Key of `SCENES`, `EQUIPMENT_SCENES`, `BOARD_SCENES` or `CHAT_SCENES`. */
  readonly scene: string
  readonly sheet: SheetName
}

const DRAFT = { priority: 'P1', area: 'line-3', title: '', body: '' } as const

export const SHEETS: readonly SheetScene[] = [
  { name: 'area', scene: 'alerts', sheet: { kind: 'area' } },
  { name: 'operator', scene: 'alerts', sheet: { kind: 'operator' } },
  { name: 'operator-offline', scene: 'orders-offline', sheet: { kind: 'operator' } },
  { name: 'sign-out-everywhere', scene: 'orders-offline', sheet: { kind: 'sign-out-everywhere' } },
  { name: 'connection', scene: 'alerts', sheet: { kind: 'connection' } },
  { name: 'connection-offline', scene: 'alerts-offline', sheet: { kind: 'connection' } },
  { name: 'outbox', scene: 'orders-conflict', sheet: { kind: 'outbox' } },
  { name: 'outbox-offline', scene: 'chat-offline', sheet: { kind: 'outbox' } },
  { name: 'raise', scene: 'alerts', sheet: { kind: 'raise', draft: DRAFT } },
  { name: 'trend', scene: 'equipment', sheet: { kind: 'trend', machine: 'press-1', signal: 'pressure' } },
  { name: 'order', scene: 'orders', sheet: { kind: 'order', id: id(34), draft: {} } },
  { name: 'order-new', scene: 'orders', sheet: { kind: 'new-order', area: 'line-3', draft: null } },
  { name: 'talk', scene: 'chat-talk', sheet: { kind: 'talk', id: id(501) } },
  { name: 'talk-order', scene: 'chat-talk', sheet: { kind: 'order', id: id(502), draft: {} } },
  { name: 'photo', scene: 'chat-photos', sheet: { kind: 'photo', id: id(4), hash: hashOf(2) } },
  { name: 'camera', scene: 'chat-photos', sheet: { kind: 'camera', line: 'line-3' } },
  { name: 'outbox-photos', scene: 'chat-photos', sheet: { kind: 'outbox' } },
  { name: 'outbox-lost', scene: 'chat-lost', sheet: { kind: 'outbox' } },
  { name: 'roster', scene: 'line', sheet: { kind: 'roster' } },
  { name: 'values', scene: 'line', sheet: { kind: 'values' } },
  { name: 'roster-crowd', scene: 'line-crowd', sheet: { kind: 'roster' } },
  { name: 'roster-offline', scene: 'line-offline', sheet: { kind: 'roster' } },
  { name: 'search', scene: 'orders', sheet: { kind: 'search' } },
  { name: 'conflict', scene: 'orders-conflict', sheet: { kind: 'conflict', id: id(70) } },
  { name: 'rejection-again', scene: 'rejections', sheet: { kind: 'rejection', id: id(81), how: 'resent' } },
  { name: 'rejection-discard', scene: 'rejections', sheet: { kind: 'rejection', id: id(82), how: 'discarded' } },
]
