import { test as base } from './floor.ts'
import { RunningKiosk, type KioskArguments } from './kiosk-device.ts'

export interface KioskFixtures {
  /** Opens the kiosk of this test, or opens it again; closed afterwards, before its server. */
  readonly openKiosk: (
    windows?: number,
    more?: Partial<Pick<KioskArguments, 'env' | 'folder' | 'switches'>>,
  ) => Promise<RunningKiosk>
}

export const test = base.extend<KioskFixtures>({
  openKiosk: async ({ floor, folder }, use) => {
    const opened: RunningKiosk[] = []
    await use(async (windows = 2, more = {}) => {
      const kiosk = await RunningKiosk.open({ url: floor.url, folder, windows, ...more })
      opened.push(kiosk)
      return kiosk
    })
    await Promise.all(opened.map((kiosk) => kiosk.close()))
  },
})
