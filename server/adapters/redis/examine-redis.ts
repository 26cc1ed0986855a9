import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'

/** What is well, in a sentence, or what is not, and what to do. */
export type Examined =
  | { readonly ok: true; readonly says: string }
  | { readonly ok: false; readonly says: string; readonly todo: string }

const PATIENCE_MS = 5_000
/** A word of one node is with the others well before they look in the store by themselves, or Redis is of no use. */
const SLOW_MS = 500
/** A node that falls behind by a part of a second of a busy floor is not cut off for it. */
const MIN_BUFFER_BYTES = 1024 * 1024

/** What can be said of the Redis of `--redis`, by the way nodes use it: a word that goes there and comes back. Keeps nothing there. */
export async function examineRedis(url: string): Promise<Examined> {
  const where = shownRedis(url)
  const connections = [open(url), open(url)] as const
  const [speaks, hears] = connections
  try {
    for (const each of connections) await connect(each)
    const tookMs = await thereAndBack(speaks.redis, hears.redis)
    if (tookMs > SLOW_MS)
      return wrong(
        `${where} is slow: a word took ${tookMs} ms there and back.`,
        'Look for commands of other programs that hold it up (SLOWLOG GET), or give Andon a Redis of its own.',
      )
    return await settings(speaks.redis, `${where} answers within ${tookMs} ms`)
  } catch (cause) {
    return refusal(where, speaks.cause ?? hears.cause ?? cause)
  } finally {
    for (const { redis } of connections) redis.disconnect()
  }
}

interface Opened {
  readonly redis: Redis
  /** What it said first when it did not let us in. */
  cause: unknown
}

function open(url: string): Opened {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: false,
  })
  const opened: Opened = { redis, cause: undefined }
  redis.on('error', (cause: unknown) => (opened.cause ??= cause))
  return opened
}

async function connect({ redis }: Opened): Promise<void> {
  await redis.connect()
  await redis.ping()
}

async function thereAndBack(speaks: Redis, hears: Redis): Promise<number> {
  const name = `andon:doctor:${randomUUID()}`
  const heard = Promise.withResolvers<void>()
  hears.on('message', () => heard.resolve())
  await hears.subscribe(name)
  const began = performance.now()
  await speaks.publish(name, 'heard?')
  const overdue = setTimeout(() => heard.resolve(), PATIENCE_MS)
  await heard.promise
  clearTimeout(overdue)
  return Math.round(performance.now() - began)
}

async function settings(redis: Redis, says: string): Promise<Examined> {
  const told = await toldSettings(redis)
  // It does not say, as where it is somebody else's service.
  if (told === null) return { ok: true, says: `${says}.` }
  const { policy, maxBytes, bufferBytes } = told
  if (bufferBytes > 0 && bufferBytes < MIN_BUFFER_BYTES)
    return wrong(
      `${says}, but cuts off a node that is ${bufferBytes} bytes behind.`,
      'Raise the first number of "client-output-buffer-limit pubsub" in its configuration to 32 MB, as it is by default.',
    )
  if (maxBytes > 0 && policy !== 'noeviction')
    return {
      ok: true,
      says: `${says}. Full, at ${Math.round(maxBytes / 1024 ** 2)} MB, it throws keys away (${policy}): Andon keeps none there and loses nothing.`,
    }
  return { ok: true, says: `${says}.` }
}

async function toldSettings(
  redis: Redis,
): Promise<{ readonly policy: string; readonly maxBytes: number; readonly bufferBytes: number } | null> {
  try {
    const asked = ['maxmemory', 'maxmemory-policy', 'client-output-buffer-limit']
    const [maxmemory, policy, limits] = await Promise.all(
      asked.map(async (name) => {
        // Name and value, one after the other.
        const answer = (await redis.config('GET', name)) as readonly string[]
        return answer[1] ?? ''
      }),
    )
    const words = limits?.split(' ') ?? []
    const at = words.indexOf('pubsub')
    return { policy: policy ?? '', maxBytes: Number(maxmemory), bufferBytes: at === -1 ? 0 : Number(words[at + 1]) }
  } catch {
    return null
  }
}

function refusal(where: string, cause: unknown): Examined {
  const code = codeOf(cause)
  if (code === 'NOAUTH' || code === 'WRONGPASS')
    return wrong(
      `${where} does not let this user in (${code}).`,
      'Check user and password of --redis, or of ANDON_REDIS.',
    )
  if (code === 'NOPERM')
    return wrong(
      `${where} does not let this user speak and hear.`,
      'Grant it "+publish +subscribe +ping &andon:*" with ACL SETUSER.',
    )
  return wrong(
    `${where} does not answer${code === null ? '' : ` (${code})`}.`,
    'Start Redis there, or check host and port of --redis; until then alerts of one node are at the others half a second later, and live values not at all.',
  )
}

/** A code of the system, or the first word of an answer, which is Redis's code. */
function codeOf(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return cause.name === 'ReplyError' ? (cause.message.split(' ')[0] ?? null) : null
}

function wrong(says: string, todo: string): Examined {
  return { ok: false, says, todo }
}

/** Without what is secret in it. */
function shownRedis(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? 'Redis' : `${parsed.protocol}//${parsed.host}`
}
