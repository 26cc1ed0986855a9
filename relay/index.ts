/** What the hosts of a relay (`app`, `renderer`, the programs) may import. Re-exports only. */
export { Relay, type RelayOptions, type SignInResult } from './relay.ts'
export type * from './ports.ts'
export {
  WindowClient,
  type RelayBus,
  type RelayPort,
  type Reply,
  type Sent,
  type SeriesReply,
  type WindowOptions,
} from './window.ts'
