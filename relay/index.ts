/** `andon/relay`: what portals of others have in common, on whatever they run (docs/portal.md). Re-exports only. */
export { Relay, type RelayOptions, type SignInResult } from './relay.ts'
export type * from './ports.ts'
export {
  WindowClient,
  type RelayBus,
  type FileReply,
  type KeptReply,
  type RelayPort,
  type Reply,
  type SearchReply,
  type Sent,
  type SeriesReply,
  type WindowOptions,
} from './window.ts'
