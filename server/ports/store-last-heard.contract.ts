import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import type { Heard } from './last-heard.ts'
import { DEVICE, greeting, type Bench } from './store-samples.contract.ts'

const OTHER = 'o'.repeat(43) as DeviceId
const UNKNOWN = 'u'.repeat(43) as DeviceId
const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`

function heard(minute: number, more: Partial<Heard> = {}): Heard {
  return { device: DEVICE, area: 'line-3', isAlone: false, at: at(minute), isOver: false, ...more }
}
const over = (minute: number): Heard => heard(minute, { isOver: true })

/** When devices were last heard in areas. */
export function lastHeardContract(bench: Bench): void {
  describe('when devices were last heard', () => {
    const of = async (area = 'line-3', since = at(0), max = 9) =>
      (await bench.store.lastHeard(area, since, max)).map(({ device, isAlone, at: time }) => [
        device.id,
        isAlone,
        time.slice(14, 16),
      ])

    it('[M12] is kept by area, the latest time of each, and across a restart', async () => {
      await bench.store.heard([heard(5), heard(7, { area: 'line-1' })])
      await bench.store.heard([heard(9), heard(3, { area: 'line-1' })])
      await bench.reopen()
      expect([await of(), await of('line-1'), await of('line-2')]).toEqual([
        [[DEVICE, false, '09']],
        [[DEVICE, false, '07']],
        [],
      ])
      const [row] = await bench.store.lastHeard('line-3', at(0), 9)
      expect(row?.device).toMatchObject({ name: 'Press 2', areas: ['*'], status: 'active' })
    })

    it('[M12] is forgotten once it is there no more, and begins anew', async () => {
      await bench.store.heard([heard(5), heard(7, { area: 'line-1' })])
      await bench.store.heard([heard(6), over(6)])
      expect([await of(), await of('line-1')]).toEqual([[], [[DEVICE, false, '07']]])
      await bench.store.heard([over(3), heard(4)])
      expect(await of()).toEqual([[DEVICE, false, '04']])
      await bench.store.heard([])
    })

    it('[M12] takes back what is over, and nothing that was heard later, unless by a clock that was ahead', async () => {
      await bench.store.heard([heard(5), heard(30, { area: 'line-1' })])
      await bench.store.heard([over(4), heard(4, { area: 'line-1', isOver: true })])
      expect([await of(), await of('line-1')]).toEqual([[[DEVICE, false, '05']], []])
    })

    it('[M12] [P8] answers the last ones since a moment: so many that people use, and so many others', async () => {
      const others = ['1', '2', '3'].map((name) => name.padStart(43, 'p') as DeviceId)
      for (const device of [OTHER, ...others]) await bench.store.greet({ ...greeting(), device })
      await bench.store.heard([
        heard(1),
        heard(2, { device: OTHER }),
        ...others.map((device, index) => heard(10 + index, { device, isAlone: true })),
      ])
      expect(await of('line-3', at(0), 1)).toEqual([
        [OTHER, false, '02'],
        [others[2], true, '12'],
      ])
      expect(await of('line-3', at(2), 9)).toEqual([
        [OTHER, false, '02'],
        [others[2], true, '12'],
        [others[1], true, '11'],
        [others[0], true, '10'],
      ])
      // Somebody signed in on it meanwhile.
      await bench.store.heard([heard(13, { device: others[0] ?? OTHER })])
      expect((await of('line-3', at(13))).at(0)).toEqual([others[0], false, '13'])
    })

    it('[M12] is nothing of a device that is not known', async () => {
      await bench.store.heard([heard(1, { device: UNKNOWN }), heard(2)])
      expect(await of()).toEqual([[DEVICE, false, '02']])
    })
  })
}
