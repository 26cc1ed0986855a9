import { destination, pino, stdSerializers } from 'pino'
import type { Log, LogLevel } from '../ports.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export function isLogLevel(text: string): text is LogLevel {
  return (LEVELS as readonly string[]).includes(text)
}

/** JSON lines on stderr, written at once, so that the last line before a crash is there. stdout stays free for contracts. */
export function jsonLog(level: LogLevel): Log {
  const log = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { cause: stdSerializers.err, error: stdSerializers.err },
    },
    destination({ fd: 2, sync: true }),
  )
  return (at, event, fields) => log[at](fields ?? {}, event)
}
