// oxlint-disable-next-line typescript/triple-slash-reference -- who compiles this file in another project has no other way to the types
/// <reference path="./proxy-from-env.d.ts" />
import { Agent as HttpAgent, type ClientRequest } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Agent, type AgentConnectOpts } from 'agent-base'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'
import { Agent as DirectDispatcher, Dispatcher, getGlobalDispatcher, ProxyAgent, setGlobalDispatcher } from 'undici'
import type { Lines } from './request-link.ts'

/** The HTTP proxy that leads to the server now, as an address; null for none. Asked for each connection: networks change. */
export type FindProxy = () => Promise<string | null>

/** How this process reaches its server. */
export interface WayOut {
  /** Of WebSockets: through a proxy always by CONNECT, because no proxy has to hand on their `Upgrade`. */
  readonly agent: HttpAgent
  openLines(): Lines
  /** `fetch` goes out as before. */
  release(): Promise<void>
}

/**
 * Sends everything that this process asks its server through the proxy that `find` names: WebSockets by the agent, and each
 * `fetch` of the process, wherever in it. Called once, by a program's composition root.
 */
export function openWayOut(find: FindProxy): WayOut {
  const before = getGlobalDispatcher()
  const dispatcher = new RoutedDispatcher(find)
  setGlobalDispatcher(dispatcher)
  return {
    agent: new RoutedAgent(find),
    openLines: () => ownLines(find),
    async release() {
      setGlobalDispatcher(before)
      await dispatcher.destroy()
    },
  }
}

/**
 * Connections of one link by requests, none of which is older than the link. undici connects anew for a request that was given up,
 * and keeps what nobody uses then without end: behind a proxy that drops connections without a word, every further link would
 * begin on one that is dead (R56).
 */
export function ownLines(find: FindProxy): Lines {
  const dispatcher = new RoutedDispatcher(find)
  return {
    fetch(url, init) {
      // Node's `fetch` knows it, and the types of browsers do not.
      const routed: RequestInit & { readonly dispatcher: Dispatcher } = { ...init, dispatcher }
      return fetch(url, routed)
    },
    release: () => void dispatcher.destroy(),
  }
}

/**
 * What `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` of the environment say of this address (curl's rules). This
 * machine itself is never reached through a proxy, as in every browser.
 */
export function proxyOfEnvironment(url: string): { ok: true; proxy: string | null } | { ok: false; sentence: string } {
  const target = new URL(url)
  const proxy = isThisMachine(target.hostname) ? '' : getProxyForUrl(target.href)
  if (proxy === '') return { ok: true, proxy: null }
  const protocol = URL.parse(proxy)?.protocol
  if (protocol === 'http:' || protocol === 'https:') return { ok: true, proxy }
  // Not repeated: it may hold a password.
  const sentence = `The proxy that the environment names for ${target.origin} must be an address like http://proxy:3128.`
  return { ok: false, sentence }
}

function isThisMachine(name: string): boolean {
  return /^(.+\.)?localhost$/.test(name) || /^127(\.\d+){3}$/.test(name) || name === '[::1]'
}

class RoutedAgent extends Agent {
  readonly #find: FindProxy

  constructor(find: FindProxy) {
    super()
    this.#find = find
  }

  override async connect(_request: ClientRequest, { secureEndpoint }: AgentConnectOpts): Promise<HttpAgent> {
    const proxy = await this.#find()
    if (proxy !== null) return new HttpsProxyAgent(proxy)
    return secureEndpoint ? new HttpsAgent() : new HttpAgent()
  }
}

/**
 * Through a proxy HTTPS goes by CONNECT and plain HTTP as what a proxy hands on everywhere: many allow CONNECT to 443 only.
 *
 * Keeps connections to one proxy, or to none; when another is named, those to the one before end with their requests.
 */
class RoutedDispatcher extends Dispatcher {
  readonly #find: FindProxy
  #route: { readonly proxy: string | null; readonly dispatcher: Dispatcher } | null = null
  #isOver = false

  constructor(find: FindProxy) {
    super()
    this.#find = find
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.#current()
      .then((dispatcher) => dispatcher.dispatch(options, handler))
      .catch((error: unknown) => handler.onError?.(error instanceof Error ? error : new Error(String(error))))
    return true
  }

  override async destroy(): Promise<void> {
    const route = this.#route
    this.#route = null
    this.#isOver = true
    await route?.dispatcher.destroy()
  }

  async #current(): Promise<Dispatcher> {
    const proxy = await this.#find()
    if (this.#isOver) throw new Error('over')
    if (this.#route?.proxy !== proxy) {
      void this.#route?.dispatcher.close().catch(() => undefined) // ended meanwhile by a broken connection: closed all the same
      this.#route = {
        proxy,
        dispatcher: proxy === null ? new DirectDispatcher() : new ProxyAgent({ uri: proxy, proxyTunnel: false }),
      }
    }
    return this.#route.dispatcher
  }
}
