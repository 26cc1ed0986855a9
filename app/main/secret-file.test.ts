import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { secretFile, type SystemVault } from './secret-file.ts'

let folder: string
let file: string
let said: string[]
const log = (_level: string, event: string) => said.push(event)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'andon-secret-'))
  file = join(folder, 'relay', 'session.secret')
  said = []
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Writes hexadecimal behind a letter by which it knows its own. */
const vault: SystemVault = {
  isEncryptionAvailable: () => true,
  encryptString: (text) => Buffer.from(`v${Buffer.from(text).toString('hex')}`),
  decryptString(bytes) {
    if (bytes[0] !== 0x76) throw new Error('not mine')
    return Buffer.from(bytes.subarray(1).toString(), 'hex').toString()
  },
}

it('[R26] keeps a secret over a restart, encrypted, for its owner only', async () => {
  await secretFile({ file, vault, log })?.write('token-1')
  await secretFile({ file, vault, log })?.write('token-2')
  expect(readFileSync(file, 'utf8')).toBe(`v${Buffer.from('token-2').toString('hex')}`)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await secretFile({ file, vault, log })?.read()).toBe('token-2')
})

it('forgets', async () => {
  const place = secretFile({ file, vault, log })
  expect(await place?.read()).toBeNull()
  await place?.write(null)
  await place?.write('token')
  await place?.write(null)
  expect(await place?.read()).toBeNull()
  expect(said).toEqual([])
})

it.each<[string, Partial<SystemVault>]>([
  ['there is no encryption', { isEncryptionAvailable: () => false }],
  ['its key would be the same everywhere', { getSelectedStorageBackend: () => 'basic_text' }],
])('is no place at all where %s', (_case, lack) => {
  expect(secretFile({ file, vault: { ...vault, ...lack }, log })).toBeNull()
})

it('what cannot be read or written is as if it had never been kept, and the log says so', async () => {
  const place = secretFile({ file, vault, log })
  await place?.write('token')
  writeFileSync(file, 'of another account')
  expect(await place?.read()).toBeNull()
  const nowhere = secretFile({ file: join(file, 'below-a-file'), vault, log })
  await nowhere?.write('token')
  expect(await nowhere?.read()).toBeNull()
  expect(said).toEqual(['secret-lost', 'secret-lost', 'secret-lost'])
})

it('[R26] what could not be replaced is forgotten: an old token, shown again, would end the session everywhere', async () => {
  const place = secretFile({ file, vault, log })
  await place?.write('token-1')
  mkdirSync(`${file}.new`)
  await place?.write('token-2')
  expect(await secretFile({ file, vault, log })?.read()).toBeNull()
  rmdirSync(`${file}.new`)
  await place?.write('token-3')
  expect(await place?.read()).toBe('token-3')
  expect(said).toEqual(['secret-lost'])
})
