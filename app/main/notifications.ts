import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Notification } from 'electron'
import type { BusPort, Clock, Log, Random } from '../../relay/ports.ts'
import type { BusMessage, PortMessage } from '../../relay/protocol/local.ts'
import type { Relay } from '../../relay/relay.ts'
import { keepMentions, type KeptMentionsOptions } from '../../relay/shell/kept-mentions.ts'
import { keepNotices, type DeviceNoticesOptions } from '../../relay/shell/notifications.ts'
import { WindowClient, type RelayBus } from '../../relay/window.ts'
import { ElectronNotifier } from './notifications-electron.ts'
import { fileKeeper } from './notifications-keeper.ts'
import { daemonProbe, runChild } from './notifications-probe.ts'

/** The platform's notifier of this process. Touches nothing before it is asked. */
export function electronNotifier(clock: Clock, log: Log): ElectronNotifier {
  const places = { env: process.env, exists: existsSync }
  return new ElectronNotifier({
    electron: { isSupported: () => Notification.isSupported(), create: (options) => new Notification(options) },
    probe: process.platform === 'linux' ? daemonProbe(runChild, places, clock) : null,
    clock,
    log,
  })
}

/** A bus that main itself hears, too: Node's BroadcastChannel does not reach renderers, nor theirs Node. */
export function heardBus(bus: BusPort): BusPort & RelayBus {
  const ears = new Set<(message: BusMessage) => void>()
  return {
    post(message) {
      bus.post(message)
      // The relay posts nothing else; `BusPort` is wider because a BroadcastChannel takes anything.
      for (const heard of ears) heard(message as BusMessage)
    },
    listen(heard) {
      ears.add(heard)
      return () => ears.delete(heard)
    },
  }
}

export interface KioskNoticesOptions {
  readonly relay: Pick<Relay, 'attach'>
  readonly bus: RelayBus
  readonly notifier: ElectronNotifier
  /** Folder of this device. */
  readonly data: string
  readonly words: DeviceNoticesOptions['words']
  readonly mentionWords: KeptMentionsOptions['words']
  /** Whether a window of this kiosk is visible and not minimized. */
  readonly isInSight: () => boolean
  /** Whether a window sounds: then the platform need not. A kiosk does, unless its windows say otherwise. */
  readonly isSounding: () => boolean
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/**
 * Notifies of alerts that the relay of this kiosk holds, and of messages that name whoever is signed in, once per device, from
 * main: a window that hangs changes nothing.
 */
export function startKioskNotices(options: KioskNoticesOptions): () => Promise<void> {
  const { relay, bus, notifier, clock, random, log } = options
  const keeper = fileKeeper(join(options.data, 'notified.json'), log)
  const client = new WindowClient({ port: portTo(relay), bus, clock, random })
  client.start()
  const releases = [
    keepNotices({ ...options, relay: client, keeper }),
    keepMentions({ ...options, relay: client, words: options.mentionWords }),
  ]
  // So that windows can say at once how it stands.
  void notifier.look()
  return async () => {
    for (const release of releases) release()
    client.close()
    await keeper.settled()
  }
}

/** A window's port inside this process. Answers come after the call that caused them, as over a real port. */
function portTo(relay: Pick<Relay, 'attach'>) {
  const ears = new Set<(message: PortMessage) => void>()
  const end = relay.attach({
    post(message) {
      // Only the relay speaks here.
      for (const heard of ears) queueMicrotask(() => heard(message as PortMessage))
    },
  })
  return {
    post: (message: unknown) => end.receive(message),
    listen(heard: (message: PortMessage) => void) {
      ears.add(heard)
      return () => ears.delete(heard)
    },
    close: () => end.detach(),
  }
}
