import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import { BACKUP_PARTS, WORK_FOLDERS } from '../ports/backups.ts'
import { administratorsOnly } from './api-keys.ts'
import { packed, unpack, type BackupPart } from './backup-tar.ts'
import { ignoreBodies } from './json-bodies.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'

/** A backup with its photos and files; and one of the store alone, as servers before made it. */
const ARCHIVE = 'application/x-tar'
const DATABASE = 'application/vnd.sqlite3'

/** Backup and restore of the running server, for API keys of administrators of the whole site. */
export function adminRoutes(app: FastifyInstance, options: HttpOptions): void {
  app.get(
    '/api/admin/backup',
    {
      preParsing: administratorsOnly,
      schema: { tags: ['admin'], summary: 'The whole store, its photos and files, as one archive' },
    },
    async (_request, reply) => {
      const { otherwise } = options.backups
      if (otherwise !== undefined) return sendProblem(reply, refuse('bad-request', otherwise))
      const parts = partsOf(options)
      // What cannot be copied is said before anything is sent.
      const first = await parts.next()
      return reply.type(ARCHIVE).send(packed(again(first, parts)))
    },
  )

  // In a scope of its own: no other route takes a body that is a stream, and this one takes nothing else.
  void app.register(async (restore) => restoreRoute(restore, options.restores))
}

/** The store as of one moment, then what is kept: whatever the store names was kept before, and nothing goes meanwhile. */
async function* partsOf({ backups, contents, restores }: HttpOptions): AsyncGenerator<BackupPart> {
  const folder = await mkdtemp(join(restores.folder, WORK_FOLDERS.backup))
  let release: () => Promise<void> = () => Promise.resolve()
  try {
    release = await contents.hold()
    const file = join(folder, BACKUP_PARTS.database)
    await backups.backup(file)
    const { size } = await stat(file)
    yield { name: BACKUP_PARTS.database, size, chunks: createReadStream(file) }
    for await (const part of contents.contents()) yield { ...part, name: `${BACKUP_PARTS.attachments}/${part.name}` }
  } finally {
    await release()
    await rm(folder, { recursive: true, force: true })
  }
}

async function* again<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    if (first.done !== true) yield first.value
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

function restoreRoute(app: FastifyInstance, restores: HttpOptions['restores']): void {
  // A parser of another route would hold and inflate a body up to this one's bound, which is none.
  ignoreBodies(app)
  // A backup is streamed to disk, whatever its size; nothing of it is held in memory.
  for (const type of [ARCHIVE, DATABASE])
    app.addContentTypeParser(type, (_request, payload, done) => done(null, payload))
  app.post(
    '/api/admin/restore',
    {
      bodyLimit: Number.MAX_SAFE_INTEGER,
      preParsing: administratorsOnly,
      schema: {
        tags: ['admin'],
        summary: 'Puts a backup in the place of the store',
        consumes: [ARCHIVE, DATABASE],
      },
    },
    async (request, reply) => {
      if (!isStream(request.body))
        return sendProblem(reply, refuse('bad-request', `A restore takes a backup as ${ARCHIVE} or ${DATABASE}.`))
      const folder = await mkdtemp(join(restores.folder, WORK_FOLDERS.upload))
      try {
        const came = isDatabase(request)
          ? { database: await written(request.body, folder), attachments: null }
          : await unpack(request.body, folder)
        if (came === null)
          return sendProblem(
            reply,
            refuse('bad-request', 'This file is damaged, or no backup of Andon; nothing was changed.'),
          )
        const taken = await restores.restore(came.database, came.attachments)
        return taken.ok ? await reply.code(202).send({ status: 'restoring' }) : sendProblem(reply, taken)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  )
}

function isDatabase({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.startsWith(DATABASE) === true
}

async function written(body: Readable, folder: string): Promise<string> {
  const file = join(folder, BACKUP_PARTS.database)
  await pipeline(body, createWriteStream(file))
  return file
}

function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body
}
