import { constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs'
import type { Taken } from './patient-lines.ts'

/** stdout and stderr of this process. */
export type StandardFd = 1 | 2

/**
 * A descriptor on which a write never waits for a reader, for what our standard stream `fd` goes to.
 *
 * 1. A pipe or terminal is opened once more with a mode of its own: whoever shares the stream with us keeps his.
 * 2. What cannot be opened again (a socket, as systemd hands one over; somebody else's pipe) is changed as Node itself
 *    changes it when its stream is asked for, and sets it back at the end.
 * 3. A file waits for its disk only, and stays as it is; so does everything on Windows, where Node offers no other mode.
 */
export function nonBlocking(fd: StandardFd): number {
  const kind = statOf(fd)
  if (kind === null || kind.isFile() || process.platform === 'win32') return fd
  const names = kind.isCharacterDevice() ? [`/proc/self/fd/${fd}`, '/dev/tty'] : [`/proc/self/fd/${fd}`]
  for (const name of names) {
    try {
      return openSync(name, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    } catch {
      // The next way, then; which of them exist differs by system and by who owns the pipe.
    }
  }
  void (fd === 1 ? process.stdout : process.stderr)
  return fd
}

/**
 * Writes what the system takes right now. Whatever goes wrong counts as `full`: a log that cannot be written has nowhere to
 * say so, and a pipe without a reader (EPIPE) or a full disk may have one, or room, later.
 */
export function writeNow(fd: number, bytes: Uint8Array): Taken {
  try {
    return writeSync(fd, bytes)
  } catch {
    return 'full'
  }
}

/** Null for a stream that was closed before we started. */
function statOf(fd: number): Stats | null {
  try {
    return fstatSync(fd)
  } catch {
    return null
  }
}
