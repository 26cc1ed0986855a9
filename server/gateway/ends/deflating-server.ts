import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { answerToOffer, DEFLATE } from './deflate-offer.ts'
import { Inflater } from './inflater.ts'
import type { AnnouncingWebSocket } from './web-socket-end.ts'

type Entered = (ws: AnnouncingWebSocket, request: IncomingMessage) => void
type Complete = (
  extensions: Record<string, object>,
  key: string,
  protocols: ReadonlySet<string>,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  entered: Entered,
) => void

/**
 * `ws` with permessage-deflate of our own. Its own would hold a window for each connection, inflate fragments before their
 * message is whole, and refuse the upgrade to whoever makes an offer that it does not take. This is the one place where `ws` puts
 * what was agreed on, and it is not in its documentation: `deflate.integration.test.ts` would tell if it moved.
 */
export class DeflatingServer extends WebSocketServer<typeof AnnouncingWebSocket> {
  completeUpgrade(...args: Parameters<Complete>): void {
    const [, key, protocols, request, socket, head, entered] = args
    const { completeUpgrade } = WebSocketServer.prototype as unknown as { readonly completeUpgrade: Complete }
    const params = answerToOffer(request.headers['sec-websocket-extensions'])
    if (params === null) return completeUpgrade.call(this, {}, key, protocols, request, socket, head, entered)
    const inflater = new Inflater()
    const extension = Object.assign(inflater, { params })
    return completeUpgrade.call(this, { [DEFLATE]: extension }, key, protocols, request, socket, head, (ws) => {
      inflater.failed = (code) => ws.close(code)
      entered(ws, request)
    })
  }
}
