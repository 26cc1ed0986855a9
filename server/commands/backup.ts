import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import * as v from 'valibot'
import { MAX_REPLACED } from '../ports/backups.ts'
import { apiProblem, unreachable } from './api-client.ts'
import type { Exit } from './exit.ts'
import { putAside } from './put-aside.ts'
import type { Streams } from './streams.ts'

export interface BackupContext {
  readonly streams: Streams
  readonly exit: Exit
  readonly keyFromEnvironment: string | undefined
}

interface Connection {
  readonly server: string
  readonly key?: string
}

const ARCHIVE = 'application/x-tar'
/** Of a server before this: the store alone. */
const DATABASE = 'application/vnd.sqlite3'
const DATABASE_BEGINS = Buffer.from('SQLite format 3\0', 'latin1')
/** How often a restore asks whether the server is there again, and how long. */
const POLL_MS = 250
const PATIENCE_MS = 60_000

/** `andon admin backup FILE` and `andon admin restore FILE`, on a running server. */
export function backupCommands(admin: Command, context: BackupContext): void {
  const { streams, exit } = context
  const connected = (command: Command) =>
    command
      .option('--server <url>', 'address of the server', 'http://127.0.0.1:7070')
      .option('--key <key>', 'API key of an administrator (default: the environment variable ANDON_KEY)')

  connected(
    admin
      .command('backup <file>')
      .description('copy the store of a running server, its photos and files, into a file')
      .option('--force', 'replace a file that is there'),
  ).action(async (file: string, { force = false, ...options }: Connection & { readonly force?: boolean }) => {
    const isThere = await stat(file).then(
      () => true,
      () => false,
    )
    if (isThere && !force) exit(1, exists(file))
    const response = await ask(context, options, { method: 'GET', path: '/api/admin/backup' })
    const bytes = await save(response, resolve(file), { force }).catch((error: unknown) =>
      exit(
        1,
        isCode(error, 'EEXIST') ? exists(file) : `The backup could not be written to ${file}: ${sentence(error)}`,
      ),
    )
    streams.out(`${file} holds the store with its photos and files, ${bytes} bytes.`)
  })

  connected(
    admin.command('restore <file>').description('put a backup in the place of the store of a running server'),
  ).action(async (file: string, options: Connection) => {
    const size = await stat(file).then(
      (found) => found.size,
      () => exit(1, `${file} cannot be read; check the name and its rights.`),
    )
    const stream = Readable.toWeb(createReadStream(file)) as ReadableStream
    const body = { stream, size, type: await typeOf(file) }
    await ask(context, options, { method: 'POST', path: '/api/admin/restore', body })
    const isBack = await comesBack(options.server)
    if (!isBack)
      exit(1, `The server took the backup and has not come back within ${PATIENCE_MS / 1000} s; its log says why.`)
    streams.out(
      `The server runs on ${file} now. What it ran on before is kept beside it (replaced-….sqlite, the newest ${MAX_REPLACED}).`,
    )
  })
}

interface Body {
  readonly stream: ReadableStream
  readonly size: number
  readonly type: string
}

async function typeOf(file: string): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const { buffer } = await handle.read({ buffer: Buffer.alloc(DATABASE_BEGINS.length) })
    return buffer.equals(DATABASE_BEGINS) ? DATABASE : ARCHIVE
  } finally {
    await handle.close()
  }
}

async function ask(
  { exit, keyFromEnvironment }: BackupContext,
  { server, key = keyFromEnvironment }: Connection,
  request: { readonly method: string; readonly path: string; readonly body?: Body },
): Promise<Response> {
  if (key === undefined || key === '') return exit(2, 'An API key is needed: give --key, or set ANDON_KEY.')
  const response = await fetch(`${server.replace(/\/+$/, '')}${request.path}`, {
    method: request.method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(request.body !== undefined && {
        'content-type': request.body.type,
        'content-length': String(request.body.size),
      }),
    },
    ...(request.body !== undefined && { body: request.body.stream, duplex: 'half' }),
  }).catch((error: unknown) => exit(1, unreachable(server, error)))
  return response.ok ? response : exit(1, apiProblem(server, response.status, await response.text()))
}

/** The file is there whole or not at all, and on the disk. */
async function save(response: Response, file: string, { force }: { readonly force: boolean }): Promise<number> {
  const part = `${file}.${randomUUID()}.part`
  try {
    // Node's two declarations of the same stream do not know each other.
    if (response.body !== null)
      await pipeline(
        Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
        createWriteStream(part, { flags: 'wx', mode: 0o600 }),
      )
    const handle = await open(part, 'r+')
    await handle.sync()
    await handle.close()
    if (force) await rename(part, file)
    else await putAside(part, file)
    const folder = await open(dirname(file), 'r')
    await folder.sync()
    await folder.close()
    return (await stat(file)).size
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

const Health = v.object({ status: v.literal('ready') })

/** It answers at first, then goes, then answers again: only a readiness after a pause of its own counts. */
async function comesBack(server: string): Promise<boolean> {
  const end = Date.now() + PATIENCE_MS
  await new Promise((next) => setTimeout(next, POLL_MS))
  while (Date.now() < end) {
    const isReady = await fetch(`${server.replace(/\/+$/, '')}/readyz`).then(
      async (response) => v.is(Health, await response.json()),
      () => false,
    )
    if (isReady) return true
    await new Promise((next) => setTimeout(next, POLL_MS))
  }
  return false
}

function exists(file: string): string {
  return `${file} is there already; choose another name, or replace it with --force.`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function sentence(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return `${code}; choose another place.`
}
