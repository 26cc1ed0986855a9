import { pino, stdSerializers } from 'pino'
import { openLogStream } from '../stdio/log-stream.ts'
import type { Log, LogLevel } from '../ports.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export function isLogLevel(text: string): text is LogLevel {
  return (LEVELS as readonly string[]).includes(text)
}

/** JSON lines on stderr, written at once as long as somebody reads them, and waiting for nobody. stdout stays free for contracts. */
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
    openLogStream(droppedLine),
  )
  return (at, event, fields) => log[at](fields ?? {}, event)
}

function droppedLine(count: number): string {
  return `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), count, event: 'log-dropped' })}\n`
}
