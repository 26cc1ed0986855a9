import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyInstance } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import { WORK_FOLDERS } from '../ports/backups.ts'
import { administratorsOnly } from './api-keys.ts'
import { ignoreBodies } from './json-bodies.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'

const MEDIA_TYPE = 'application/vnd.sqlite3'

/** Backup and restore of the running server, for API keys of administrators of the whole site. */
export function adminRoutes(app: FastifyInstance, { backups, restores }: HttpOptions): void {
  app.get(
    '/api/admin/backup',
    { preParsing: administratorsOnly, schema: { tags: ['admin'], summary: 'The whole store as one file' } },
    async (_request, reply) => {
      const folder = await mkdtemp(join(restores.folder, WORK_FOLDERS.backup))
      const file = join(folder, 'backup.sqlite')
      try {
        await backups.backup(file)
        const { size } = await stat(file)
        const stream = createReadStream(file)
        stream.once('close', () => void rm(folder, { recursive: true, force: true }))
        return await reply.type(MEDIA_TYPE).header('content-length', size).send(stream)
      } catch (cause) {
        await rm(folder, { recursive: true, force: true })
        throw cause
      }
    },
  )

  // In a scope of its own: no other route takes a body that is a stream, and this one takes nothing else.
  void app.register(async (restore) => restoreRoute(restore, restores))
}

function restoreRoute(app: FastifyInstance, restores: HttpOptions['restores']): void {
  // A parser of another route would hold and inflate a body up to this one's bound, which is none.
  ignoreBodies(app)
  // A database is streamed to disk, whatever its size; nothing of it is held in memory.
  app.addContentTypeParser(MEDIA_TYPE, (_request, payload, done) => done(null, payload))
  app.post(
    '/api/admin/restore',
    {
      bodyLimit: Number.MAX_SAFE_INTEGER,
      preParsing: administratorsOnly,
      schema: { tags: ['admin'], summary: 'Puts a backup in the place of the store', consumes: [MEDIA_TYPE] },
    },
    async (request, reply) => {
      if (!isStream(request.body))
        return sendProblem(reply, refuse('bad-request', `A restore takes a backup as ${MEDIA_TYPE}.`))
      const folder = await mkdtemp(join(restores.folder, WORK_FOLDERS.upload))
      try {
        const file = join(folder, 'upload.sqlite')
        await pipeline(request.body, createWriteStream(file))
        const taken = await restores.restore(file)
        return taken.ok ? await reply.code(202).send({ status: 'restoring' }) : sendProblem(reply, taken)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  )
}

function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body
}
