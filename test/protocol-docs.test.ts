/** What `docs/protocol` says of tables and shapes, held against the tables and schemas themselves. */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PAYLOADS } from '../relay/protocol/binary.ts'
import { DOMAINS } from '../relay/protocol/channels.ts'
import { CLOSE } from '../relay/protocol/close-codes.ts'
import { decodeClientFrame, decodeServerFrame, encodeFrame } from '../relay/protocol/codec.ts'
import { COMMANDS, isCommandType } from '../relay/protocol/commands.ts'
import { ERRORS, isErrorCode } from '../relay/protocol/errors.ts'
import { ClientFrame, ServerFrame } from '../relay/protocol/frames.ts'

const FOLDER = resolve(import.meta.dirname, '../docs/protocol')
const PAGES = readdirSync(FOLDER).filter((name) => name.endsWith('.md'))
const read = (page: string) => readFileSync(join(FOLDER, page), 'utf8')
const ALL = PAGES.map(read).join('\n')

/** Cells of every row of a page's tables whose first cell fits. */
function rows(page: string, first: RegExp): readonly (readonly string[])[] {
  return read(page)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter(([cell]) => first.test(cell ?? ''))
}

const WHO = { device: 'program', person: 'person', admin: 'admin', nobody: 'nobody' } as const

describe('docs/protocol', () => {
  it.each(PAGES)('%s has only links that lead somewhere', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map((match) => match[1] ?? '')
    expect(links.filter((link) => !existsSync(join(FOLDER, link)))).toEqual([])
  })

  it.each([
    ['a device sends', ClientFrame.options],
    ['the server sends', ServerFrame.options],
  ] as const)('speaks of every frame that %s', (_end, options) => {
    const names = options.map((option) => option.entries.t.literal)
    expect(names.filter((t) => !ALL.includes(`\`${t}\``) && !ALL.includes(`"t":"${t}"`))).toEqual([])
  })

  it('shows no frame that is none', () => {
    const shown = ALL.split('\n').flatMap((line) => {
      const text = line.replace(/^(→ |← | {4})/, '')
      return text !== line && text.startsWith('{"t":') && !text.includes('…') ? [text] : []
    })
    expect(shown.length).toBeGreaterThan(20)
    expect(shown.filter((text) => !decodeClientFrame(text).ok && !decodeServerFrame(text).ok)).toEqual([])
  })

  it('[B1] shows a binary message as it is, in hexadecimal and in base64, and names every frame that may be one', () => {
    const message = encodeFrame({ t: 'ping', nonce: 'nonce-12', pad: Uint8Array.of(0, 255, 10) })
    if (typeof message === 'string') throw new Error('bytes became text')
    const page = read('bytes.md')
    const hex = [...page.matchAll(/^((?:[0-9A-F]{2} ?)+) {2,}/gm)].map(([, line = '']) => line.replaceAll(' ', ''))
    expect(Buffer.from(hex.join(''), 'hex').equals(message)).toBe(true)
    const base64 = [...page.matchAll(/(?:\["|data: )([A-Za-z0-9+/]{20,}=*)/g)].map(([, text]) => text)
    expect(base64).toEqual(Array.from({ length: 2 }, () => Buffer.from(message).toString('base64')))
    const named = rows('bytes.md', /^`p[a-z]+`$/).map(([t = '', says = '']) => [t, says.split(':')[0]])
    expect(named).toEqual([...PAYLOADS].map(([t, field]) => [`\`${t}\``, `\`${field}\``]))
  })

  it('has every close code as the table has it', () => {
    const written = rows('heartbeat.md', /^\d{4}$/).map(([code, sentBy, says]) => ({
      code: Number(code),
      sentBy,
      says,
    }))
    const rowsOfTable = Object.values(CLOSE).map(({ code, sentBy, says }) => ({ code, sentBy, says }))
    expect(written).toEqual(rowsOfTable.toSorted((one, other) => one.code - other.code))
  })

  it('has every domain that the server has, its kind and its readers', () => {
    const written = rows('reading.md', /^`[a-z]+\//).map(([channel, kind, readers]) => [
      /^`([a-z]+)\//.exec(channel ?? '')?.[1],
      kind,
      readers?.replace('every device', 'device'),
    ])
    const served = Object.entries(DOMAINS).filter(([, row]) => !('unserved' in row))
    const expected = served.map(([domain, { kind, readers }]) => [domain, kind, readers])
    expect(new Set(written.map(String))).toEqual(new Set(expected.map(String)))
  })

  it('calls errors by codes that there are, and says who acts', () => {
    const wrong = rows('errors.md', /^`[a-z-]+`$/)
      .filter(([, who]) => Object.values(WHO).some((word) => word === who))
      .filter(([cell = '', who]) => {
        const code = cell.slice(1, -1)
        return !isErrorCode(code) || WHO[ERRORS[code].who] !== who
      })
    expect(wrong).toEqual([])
    expect(rows('errors.md', /^`[a-z-]+`$/).length).toBeGreaterThan(30)
  })

  it('has commands in their lane, by whom they may be authored', () => {
    const written = rows('writing.md', /^`[a-z]+\.[a-z]+`/).flatMap(([cell = '', lane, author]) =>
      [...cell.matchAll(/`([a-z.]+)`/g)].map(([, type = '']) => [type, lane, author]),
    )
    expect(written.length).toBeGreaterThan(5)
    const wrong = written.filter(([type = '', lane, author]) => {
      if (!isCommandType(type)) return true
      const row = COMMANDS[type]
      return row.lane !== lane || row.author !== (author === 'person' ? 'operator' : author)
    })
    expect(wrong).toEqual([])
  })

  it('[G2] its key has the id it says, and its proofs are of that key', () => {
    const trace = read('trace.md')
    const [, publicJwk = ''] = /^ {4}(\{"crv".*\})$/m.exec(trace) ?? []
    const id = createHash('sha256').update(publicJwk).digest('base64url')
    expect(trace).toContain(`which is \`${id}\``)
    expect(trace).toContain(`"device":"${id}"`)
    const key = createPublicKey({ key: JSON.parse(publicJwk) as Record<string, string>, format: 'jwk' })
    const proofs = [...trace.matchAll(/"nonce":"([^"]+)","minVersion"[\s\S]*?"proof":"([^"]+)"/g)]
    expect(proofs.length).toBe(3)
    for (const [, nonce, proof = ''] of proofs) {
      const [header = '', payload = '', signature = ''] = proof.split('.')
      expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({ nonce, aud: 'andon.v1' })
      const signed = Buffer.from(`${header}.${payload}`)
      const r = { key, dsaEncoding: 'ieee-p1363' } as const
      expect(verify('sha256', signed, r, Buffer.from(signature, 'base64url'))).toBe(true)
    }
  })
})
