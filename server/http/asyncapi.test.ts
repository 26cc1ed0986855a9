import specs from '@asyncapi/specs'
import { Ajv, type ValidateFunction } from 'ajv'
import { describe, expect, it } from 'vitest'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { COMMANDS } from '../../relay/protocol/commands.ts'
import { EVENTS } from '../../relay/protocol/events.ts'
import { ClientFrame, ServerFrame } from '../../relay/protocol/frames.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { WAY_PATHS } from '../../relay/protocol/ways.ts'
import { asyncApi, type DescribedSite } from './asyncapi.ts'

const document = documentOf({ version: '1.2.3', publicUrl: null })

function documentOf(site: DescribedSite): Record<string, unknown> {
  return JSON.parse(JSON.stringify(asyncApi(site))) as Record<string, unknown>
}

/** Formats such as `uri` are said by name only: nothing here depends on them. */
const RELAXED = { strict: false, allErrors: true, validateFormats: false }
const ajv = new Ajv(RELAXED)
/** The schema of AsyncAPI brings draft-07 itself. */
const outer = new Ajv({ ...RELAXED, meta: false, validateSchema: false })

function schemaOf(id: string): ValidateFunction {
  return ajv.compile(at(document, `#/components/schemas/${id}`) as object)
}

/** What a reference of the document names; undefined where it names nothing. */
function at(root: unknown, reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], root)
}

function referencesIn(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : referencesIn(value),
  )
}

describe('/api/asyncapi.json', () => {
  it('[X24] is AsyncAPI 3.0, and every reference in it leads somewhere', () => {
    const isAsyncApi = outer.compile(specs.schemas['3.0.0'] as unknown as object)
    expect(isAsyncApi(document), JSON.stringify(isAsyncApi.errors?.slice(0, 5))).toBe(true)
    const references = referencesIn(document)
    expect(references.length).toBeGreaterThan(90)
    expect(references.filter((reference) => at(document, reference) === undefined)).toEqual([])
  })

  it('[X21] [X24] says where people find the server, path included', () => {
    const site = documentOf({
      version: '1',
      publicUrl: { origin: 'https://plant.example', host: 'plant.example', basePath: '/andon' },
    })
    expect(at(site, '#/servers')).toEqual({
      wss: { host: 'plant.example', pathname: '/andon', protocol: 'wss' },
      https: { host: 'plant.example', pathname: '/andon', protocol: 'https' },
    })
    expect(at(site, '#/channels/sync')).toMatchObject({ address: '/sync', servers: [{ $ref: '#/servers/wss' }] })
    expect(at(site, '#/channels/poll')).toMatchObject({ servers: [{ $ref: '#/servers/https' }] })
  })

  it('[X24] has every frame of both ends, and who sends it', () => {
    const named = (operation: string) =>
      referencesIn(at(document, `#/operations/${operation}/messages`)).map((reference) => {
        const message = at(document, (at(document, reference) as { $ref: string }).$ref) as { name: string }
        return message.name
      })
    expect(named('fromClient')).toEqual(ClientFrame.options.map((frame) => frame.entries.t.literal))
    expect(named('toClient')).toEqual(ServerFrame.options.map((frame) => frame.entries.t.literal))
  })

  it('[X24] [B1] says how binary messages are laid out, and which field of which frame they carry', () => {
    expect(at(document, '#/channels/sync/x-binary')).toMatchObject({
      takes: 'bytes',
      layout: [{ bytes: 2 }, { maxBytes: LIMITS.maxHeaderBytes }, { name: 'payload' }],
    })
    const messages = at(document, '#/components/messages') as Record<string, { readonly 'x-payload-field'?: string }>
    const named = Object.entries(messages).filter(([, message]) => message['x-payload-field'] !== undefined)
    expect(named.map(([id, message]) => [id, message['x-payload-field']])).toEqual([
      ['client.ping', 'pad'],
      ['server.pong', 'pad'],
    ])
    // In JSON it is what it is in text.
    const [isPing, isPong] = [schemaOf('client.ping'), schemaOf('server.pong')]
    expect([
      isPing({ t: 'ping', nonce: '12345678', pad: 3 }),
      isPing({ t: 'ping', nonce: '12345678', pad: {} }),
    ]).toEqual([true, false])
    const pong = { t: 'pong', nonce: '12345678', serverTime: '2026-11-20T03:00:00.000Z', channels: {} }
    expect([isPong({ ...pong, pad: '...' }), isPong({ ...pong, pad: [0] })]).toEqual([true, false])
  })

  it('[X24] has the other ways, and what their requests carry', () => {
    const channels = at(document, '#/channels') as Record<string, { address: string }>
    const addresses = Object.values(channels).map(({ address }) => address)
    expect(addresses).toEqual(['/sync', ...Object.values(WAY_PATHS)])
    const isUp = schemaOf('batch.poll')
    expect(isUp({ batch: 1, ack: 0, holdMs: 0, frames: [{ t: 'ping', nonce: '12345678' }, 'AAEC'] })).toBe(true)
    expect(isUp({ batch: 1, frames: [] })).toBe(false)
  })

  it('[X24] has the data of every command and of every event that leaves the server, and every close code', () => {
    const schemas = Object.keys(at(document, '#/components/schemas') as object)
    for (const type of Object.keys(COMMANDS)) expect(schemas).toContain(`command.${type}`)
    for (const [type, { domain }] of Object.entries(EVENTS)) {
      expect(schemas.includes(`event.${type}`), type).toBe(domain !== null)
    }
    expect(at(document, '#/channels/sync/x-close-codes')).toEqual(Object.values(CLOSE))
  })

  it('[X24] takes and refuses what the schemas take and refuse', () => {
    const isPing = schemaOf('client.ping')
    expect(isPing({ t: 'ping', nonce: '12345678' })).toBe(true)
    expect(isPing({ t: 'ping', nonce: '12345678', more: 1 })).toBe(false)
    // A newer server says more (C4).
    const isBye = schemaOf('server.bye')
    expect(isBye({ t: 'bye', retryAfterMs: 5, more: 1 })).toBe(true)
    expect(isBye({ t: 'bye' })).toBe(false)
    const isPost = schemaOf('command.chat.post')
    expect(isPost({ line: 'line-3', text: 'Shift starts' })).toBe(true)
    expect(isPost({ line: 'Line 3', text: 'Shift starts' })).toBe(false)
  })
})
