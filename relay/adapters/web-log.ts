import type { Log } from '../ports.ts'

/** A browser's only log is its console, where support looks first. Warnings and errors; the rest would hide them. */
export function webLog(): Log {
  return (level, event, fields = {}) => {
    if (level === 'warn' || level === 'error') console[level](`andon: ${event}`, fields)
  }
}
