/** Requests of links one by one, for whoever looks at each answer: nothing is repeated, followed or hidden. */
import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text as textOf } from 'node:stream/consumers'
import type { ServerFrame } from '../../relay/protocol/frames.ts'
import { LINK_HEADER, WAY_PATHS } from '../../relay/protocol/ways.ts'

export interface WayAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** Of its JSON; empty where there is none. */
  readonly body: {
    readonly code?: string
    readonly batch?: number
    readonly ack?: number
    readonly frames?: readonly ServerFrame[]
    readonly close?: { readonly code: number; readonly says: string }
  }
}

export interface WayQuestion {
  readonly link?: string
  /** Sent as it is where it is text. */
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
}

/** Each on a connection of its own. */
export async function ask(url: string, path: string, question: WayQuestion = {}): Promise<WayAnswer> {
  const response = await send(url, path, { method: 'POST', ...question })
  const text = await textOf(response)
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: text.startsWith('{') ? (JSON.parse(text) as WayAnswer['body']) : {},
  }
}

/** A poll, opened: the id of its link, its nonce and what its first answer said besides. */
export async function openPoll(url: string, question: WayQuestion = {}) {
  const first = await ask(url, WAY_PATHS.poll, { body: { batch: 1, ack: 0, holdMs: 0, frames: [] }, ...question })
  const challenge = first.body.frames?.find((frame) => frame.t === 'challenge')
  return { first, link: String(first.headers[LINK_HEADER]), nonce: challenge?.t === 'challenge' ? challenge.nonce : '' }
}

/** A stream, opened: its response, from which nobody reads yet. */
export async function openStream(url: string, question: WayQuestion = {}) {
  const response = await send(url, WAY_PATHS.stream, { method: 'GET', ...question })
  return { response, link: String(response.headers[LINK_HEADER]), status: response.statusCode ?? 0 }
}

/** The text of a stream so far, once it holds this. Rejects when it ends before. */
export async function readUntil(response: IncomingMessage, wanted: string): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for (;;) {
    const piece = response.read() as string | null
    text += piece ?? ''
    if (text.includes(wanted)) return text
    if (response.readableEnded || response.destroyed) throw new Error(`the stream ended after ${JSON.stringify(text)}`)
    if (piece === null) await Promise.race([once(response, 'readable'), once(response, 'end'), once(response, 'close')])
  }
}

async function send(
  url: string,
  path: string,
  { method, link, body = '', headers = {} }: WayQuestion & { readonly method: string },
): Promise<IncomingMessage> {
  const address = new URL(path, url)
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const named = link === undefined ? {} : { [LINK_HEADER]: link }
  const request = (address.protocol === 'https:' ? httpsRequest : httpRequest)(address, {
    method,
    agent: address.protocol === 'https:' ? undefined : new Agent({ keepAlive: false }),
    headers: { ...(text !== '' && { 'content-length': String(Buffer.byteLength(text)) }), ...named, ...headers },
  })
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  request.end(text)
  const [response] = await answered
  return response
}
