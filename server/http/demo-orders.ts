import type { CommandData } from '../../relay/protocol/commands.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'

/** Work orders of a press shop, four a line. The ids are fixed, so that a second start finds them. */
export const DEMO_ORDERS: readonly { readonly id: CommandId; readonly data: CommandData<'order.create'> }[] = [
  order(
    1,
    'line-1',
    'WO-1041',
    'Blank B-pillar reinforcement, left',
    2400,
    'Coil 7741, 1.5 mm DP600. First-piece check by quality.',
  ),
  order(2, 'line-1', 'WO-1042', 'Blank B-pillar reinforcement, right', 2400, ''),
  order(3, 'line-1', 'WO-1043', 'Draw tailgate inner panel', 850, 'Die set 12-B. Check draw beads before the run.'),
  order(4, 'line-1', 'WO-1044', 'Trim tailgate inner panel', 850, ''),
  order(5, 'line-2', 'WO-2017', 'Form front door hinge bracket', 6000, 'Bins of 250, yellow card.'),
  order(
    6,
    'line-2',
    'WO-2018',
    'Pierce seat rail, long',
    3200,
    'New punch since Monday: measure hole 4 every 200 pieces.',
  ),
  order(7, 'line-2', 'WO-2019', 'Flange wheel arch, left', 1200, ''),
  order(8, 'line-2', 'WO-2020', 'Flange wheel arch, right', 1200, ''),
  order(
    9,
    'line-3',
    'WO-3301',
    'Press 2: deep-draw oil pan',
    1800,
    'Lubricant 40 g/m². Watch for wrinkles at the drain boss.',
  ),
  order(10, 'line-3', 'WO-3302', 'Press 2: trim and pierce oil pan', 1800, ''),
  order(
    11,
    'line-3',
    'WO-3303',
    'Press 4: coin battery tray corner',
    960,
    'Aluminium 6016. Keep apart from steel scrap.',
  ),
  order(12, 'line-3', 'WO-3304', 'Change dies: press 4, set 31 to 33', 1, 'Crane booked for the shift change.'),
]

/** What runs on each line when the demonstration begins; nothing of what is edited first. */
export const DEMO_RUNNING: readonly { readonly id: CommandId; readonly data: CommandData<'order.update'> }[] = [
  running(2, 1560),
  running(6, 2210),
  running(10, 742),
]

function running(count: number, produced: number): (typeof DEMO_RUNNING)[number] {
  return {
    id: `01990000-0000-7000-8001-${String(count).padStart(12, '0')}` as CommandId,
    data: { id: orderId(count), fields: { status: 'running', produced }, baseVersion: 1 },
  }
}

function orderId(count: number): CommandId {
  return `01990000-0000-7000-8000-${String(count).padStart(12, '0')}` as CommandId
}

function order(
  count: number,
  area: string,
  number: string,
  title: string,
  quantity: number,
  note: string,
): (typeof DEMO_ORDERS)[number] {
  return { id: orderId(count), data: { area, number, title, quantity, assignee: null, note } }
}
