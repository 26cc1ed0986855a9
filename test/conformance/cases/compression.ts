import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { SUBPROTOCOL } from '../../../relay/protocol/version.ts'
import type { Case } from '../case.ts'
import { CannotSee, demandEqual, demandThat } from '../expecting.ts'
import type { Target } from '../target.ts'
import { askForUpgrade } from '../upgrade.ts'

const WS = { ways: ['ws'] } as const

/** What a server answers to an offer, when the WebSocket is open; null where it declines. */
async function answerTo(target: Target, offer: string): Promise<string | null> {
  const request = askForUpgrade(target, { 'sec-websocket-extensions': offer })
  const [response, socket] = (await once(request, 'upgrade')) as [IncomingMessage, { destroy(): void }]
  socket.destroy()
  return response.headers['sec-websocket-extensions'] ?? null
}

export const compression: readonly Case[] = [
  {
    rules: ['Z1'],
    says: 'a snapshot, pages and events of more than 1 KB are whole and in order, deflated or not',
    async run(visitor) {
      const poster = await visitor.signedIn()
      const { session } = poster.grant
      const texts = Array.from({ length: 12 }, (_, at) => `${at}:${' pressure low'.repeat(30)}`)
      for (const [at, text] of texts.entries()) {
        poster.client.send(visitor.post(text, { seq: at + 1, session }))
        await poster.client.next('result')
      }
      const { client } = await visitor.signedIn()
      client.send({ t: 'subscribe', channel: visitor.chat, credit: 4 })
      const { events = [] } = await client.next('snapshot')
      const said = events.slice(-texts.length).map(({ data }) => (data as { readonly text?: string }).text)
      demandEqual(said, texts, 'the last texts of the snapshot')
      const history = await visitor.readChat()
      demandEqual(
        history.slice(-texts.length).map(({ text }) => text),
        texts,
        'the last texts of the history',
      )
      const long = [0, 1].map((at) => `${at}:${' pressure low'.repeat(200)}`)
      for (const [at, text] of [...long, 'short'].entries())
        poster.client.send(visitor.post(text, { seq: texts.length + at + 1, session }))
      for (const text of [...long, 'short']) {
        const { data } = await client.next('event')
        demandEqual((data as { readonly text?: string }).text, text, 'the text of the event')
      }
    },
  },
  {
    ...WS,
    rules: ['Z2'],
    says: 'an offer of permessage-deflate is taken without context or not at all, and declined with a smaller window',
    async run({ target }) {
      for (const wrong of ['server_max_window_bits=10', 'made_up', 'client_max_window_bits=99'])
        demandEqual(await answerTo(target, `permessage-deflate; ${wrong}`), null, `no answer to ${wrong}`)
      const answer = await answerTo(target, 'permessage-deflate; client_max_window_bits')
      if (answer === null) return
      const [name, ...parameters] = answer.split(';').map((part) => part.trim())
      demandEqual(name, 'permessage-deflate', 'an answer to the offer')
      for (const each of ['server_no_context_takeover', 'client_no_context_takeover'])
        demandThat(parameters.includes(each), each, answer)
    },
  },
  {
    ...WS,
    rules: ['Z3'],
    says: 'a deflated message that would be over twice the limit closes with 1009',
    async run({ target }) {
      const url = `${target.url.replace(/^http/, 'ws').replace(/\/$/, '')}/sync`
      const ws = new WebSocket(url, SUBPROTOCOL, { perMessageDeflate: { threshold: 0 } })
      try {
        await once(ws, 'open')
        if (ws.extensions === '') throw new CannotSee('a server that deflates')
        ws.send(' '.repeat(2 * LIMITS.maxFrameBytes + 1))
        const [code] = (await once(ws, 'close', { signal: AbortSignal.timeout(target.timeoutMs) })) as [number]
        demandEqual(code, 1009, 'the code of the close')
      } finally {
        ws.terminate()
      }
    },
  },
]
