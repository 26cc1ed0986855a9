import { join } from 'node:path'
import type { Way } from '../protocol/ways.ts'
import { Relay, type RelayOptions } from '../relay.ts'
import { askingWhy } from './asking-why.ts'
import { fileAttachments } from './file-attachments.ts'
import { httpAttachments } from './http-attachments.ts'
import { httpSearch } from './http-search.ts'
import { httpSeries } from './http-series.ts'
import { httpSessions } from './http-sessions.ts'
import { allHints, nodeHints } from './node-hints.ts'
import { keyPlaceIn, openNodeIdentity } from './node-identity.ts'
import type { WayOut } from './node-proxy.ts'
import { openSqliteStore } from './sqlite-store.ts'
import { systemClock } from './system-clock.ts'
import { pollSocket } from './poll-socket.ts'
import { streamSocket } from './stream-socket.ts'
import { systemRandom } from './system-random.ts'
import { whyNoStream, whyNotOpen } from './uplink-probe.ts'
import { waysOf, waysSocket } from './ways-socket.ts'
import { wsSocket } from './ws-socket.ts'
import type { NetworkHints, SecretPlace } from '../ports.ts'

/** What differs between the programs on Node: the headless relay, and Electron's main process. */
export interface NodeRelayOptions extends Pick<
  RelayOptions,
  'serverUrl' | 'name' | 'build' | 'kind' | 'log' | 'bus' | 'observe' | 'warnings' | 'versions'
> {
  /** The way by which it connects, whatever else works. */
  readonly transport?: Way | null
  /** Of the program (`node-proxy.ts`); without one, that of `fetch` and of `node:http`. */
  readonly wayOut?: Pick<WayOut, 'agent' | 'openLines'>
  /** Folder of this device's own data; one relay at a time. */
  readonly dataDir: string
  readonly nativeBinding?: string | undefined
  /** The built store worker, where this program is a bundle (`openSqliteStore`). */
  readonly storeWorker?: URL
  /** Where the refresh token outlives the program; without one, people sign in again after a restart. */
  readonly secrets?: SecretPlace | null
  /** What the host knows of networks and sleep, beside what is seen from Node. */
  readonly hints?: NetworkHints
}

/** A relay with its disk open and its identity known, not started yet. */
export interface OpenRelay {
  readonly relay: Relay
  /** Stops the relay and gives the disk free. */
  close(): Promise<void>
}

/** Composes a relay for Node. Rejects with `StoreError`, whose message says what to do. */
export async function openNodeRelay(options: NodeRelayOptions): Promise<OpenRelay> {
  const { dataDir, nativeBinding, storeWorker, hints, secrets, transport = null, wayOut, ...rest } = options
  const worker = storeWorker === undefined ? {} : { worker: storeWorker }
  const store = await openSqliteStore({
    file: join(dataDir, 'relay.db'),
    nativeBinding,
    ...worker,
    died: (cause) => options.log('error', 'storage-thread-died', { cause }),
  })
  try {
    const clock = systemClock()
    const own = nodeHints({ clock })
    const relay = new Relay({
      ...rest,
      store,
      socket: waysSocket({
        ws: askingWhy(wsSocket(wayOut?.agent), whyNotOpen),
        stream: askingWhy(streamSocket(wayOut?.openLines), whyNoStream),
        poll: pollSocket(wayOut?.openLines),
      }),
      ways: waysOf(transport),
      identity: await openNodeIdentity(keyPlaceIn(store)),
      series: httpSeries({ serverUrl: options.serverUrl }),
      search: httpSearch({ serverUrl: options.serverUrl }),
      attachments: fileAttachments(join(dataDir, 'files')),
      files: httpAttachments({ serverUrl: options.serverUrl }),
      sessions: httpSessions({ serverUrl: options.serverUrl, refreshToken: secrets ?? 'memory' }),
      clock,
      random: systemRandom(),
      hints: hints === undefined ? own : allHints(own, hints),
    })
    return {
      relay,
      async close() {
        await relay.stop()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
