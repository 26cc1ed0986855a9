/**
 * Peer: µWebSockets, its own publish to everybody. Plain JavaScript, because its builds are for older Nodes than ours.
 * `node micro-websockets-server.mjs PORT PACKAGE`.
 */
import { createRequire } from 'node:module'

const [, , port = '0', folder = ''] = process.argv
const uws = /** @type {MicroWebSockets} */ (createRequire(import.meta.url)(folder))

/** @typedef {{ subscribe(topic: string): void }} Socket */
/**
 * What is used of the package here.
 * @typedef {object} MicroWebSockets
 * @property {number} DISABLED
 * @property {(listening: object) => number} us_socket_local_port
 * @property {() => App} App
 */
/**
 * @typedef {object} App
 * @property {(topic: string, message: ArrayBuffer) => void} publish
 * @property {(pattern: string, handlers: object) => void} ws
 * @property {(host: string, port: number, then: (listening: object | false) => void) => void} listen
 */

const app = uws.App()
app.ws('/*', {
  compression: uws.DISABLED,
  maxPayloadLength: 64 * 1024,
  open: (/** @type {Socket} */ socket) => socket.subscribe('all'),
  message: (/** @type {Socket} */ _socket, /** @type {ArrayBuffer} */ message) => app.publish('all', message),
})
app.listen('127.0.0.1', Number(port), (listening) => {
  if (listening === false) throw new Error(`µWebSockets cannot listen on port ${port}`)
  process.stdout.write(`${JSON.stringify({ port: uws.us_socket_local_port(listening) })}\n`)
})
