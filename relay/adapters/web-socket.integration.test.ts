// Node's own WebSocket is the browser's interface (WHATWG), so the adapter meets a real server without a browser.
import { socketContract } from '../testing/socket.contract.ts'
import { webSocket } from './web-socket.ts'

socketContract('The browser WebSocket', webSocket)
