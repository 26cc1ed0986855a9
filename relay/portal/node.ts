/** `andon/relay/node`: the relay of a program on Node (docs/portal.md). */
import { openNodeRelay, type OpenRelay } from '../adapters/node.ts'
import type { Log, Observer } from '../ports.ts'

export interface ProgramRelayOptions {
  /** The server's base, `http://host:7070`. */
  readonly serverUrl: string
  /** Folder of this device's own data, made where it is missing; one relay at a time. */
  readonly dataDir: string
  /** What people call this device. */
  readonly name: string
  /** Which build of the portal this is, at most 64 characters. */
  readonly build?: string
  /** Told everything that the relay lets be seen: its status, events, results. */
  readonly observe: Observer
  /** Nothing is logged unless this is given. */
  readonly log?: Log
}

/**
 * Opens the disk of this device, whose key is made at its first start; the relay is not started. Rejects with a sentence that says
 * what to do where the disk cannot be opened, or another relay has it.
 */
export function openRelay(options: ProgramRelayOptions): Promise<OpenRelay> {
  return openNodeRelay({ build: 'portal', log: () => undefined, ...options, kind: 'headless' })
}
