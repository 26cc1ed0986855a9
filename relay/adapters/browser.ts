/** The one door of this folder that the renderer may use (build/layers.mjs). */
export { serveWindows, type ServeOptions } from './shared-worker-relay.ts'
export { WINDOW_LOCK_PREFIX, type WorkerNotice } from './window-seat.ts'
