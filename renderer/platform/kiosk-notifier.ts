import type { NoticeAvailability } from '../../relay/protocol/notices.ts'
import type { KioskHost } from './kiosk-host.ts'
import type { NotifierStatus } from './notifier.ts'

/** Native notifications as a kiosk window knows them; main decides and shows. `first`: what main said at the start. */
export function kioskNotifierStatus(host: KioskHost, first: NoticeAvailability): NotifierStatus {
  let availability = first
  const watchers = new Set<(availability: NoticeAvailability) => void>()
  host.watchNoticeAvailability((next) => {
    availability = next
    for (const changed of watchers) changed(next)
  })
  return {
    get availability() {
      return availability
    },
    watch(changed) {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
    // Nobody is asked on a kiosk: whoever installed it has decided.
    ask: () => Promise.resolve(availability),
    clicked: (opened) => host.alertPressed(opened),
  }
}
