import { expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { reviewsOver } from './review-room.ts'

const ROOM = { all: 6, ofDevice: 3 }
const over = (devices: string) =>
  reviewsOver(
    new Map(devices.split('').map((device, index) => [index, device as DeviceId])),
    ROOM,
    // Capital letters are devices that are used.
    (device) => device === device.toLowerCase(),
  )

it.each([
  ['there is room', 'AbcA', []],
  ['a device has too many of its own', 'AbAcAA', [0]],
  ['all together: whoever has most, the oldest of it', 'AbbcdCe', [1]],
  ['all have one: the oldest stranger’s, never that of a used device', 'ABbcdef', [2]],
  ['a stranger never pushes a used device out, however many that has', 'AAABBbc', [5]],
  ['no strangers: the used one that has most', 'ABBBCDE', [1]],
] as const)('[T13] [P8] which review makes room: %s', (_case, devices, gone) => {
  expect(over(devices)).toEqual(gone)
})
