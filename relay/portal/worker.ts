/** `andon/relay/worker`: the relay of a browser, in the worker of its pages (docs/portal.md). */
export { serveWindows, type ServeOptions } from '../adapters/shared-worker-relay.ts'
