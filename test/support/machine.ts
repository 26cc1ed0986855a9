import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Every folder of ours below the system's temporary one: with its process, so that the next run clears what a killed one left. */
const NAME = /^andon-machine-(\d+)-/
const LIBRARY = 'libfaketimeMT.so.1'
const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu/faketime',
  '/usr/lib/aarch64-linux-gnu/faketime',
  '/usr/lib/faketime',
  '/usr/local/lib/faketime',
]

/** A file system of its own, small enough to be filled. */
export interface Disk {
  readonly folder: string
  /** Leaves no room. Returns the release. */
  fill(): Promise<() => Promise<void>>
  /** Leaves no room, and takes what the processes on it give back now and then, too, until the returned function is called. */
  keepFull(): () => Promise<void>
}

/** A wall clock of its own for the processes started with `env`. */
export interface FakeClock {
  readonly env: Readonly<Record<string, string>>
  set(byMs: number): void
}

/** What tests of faults take of the machine they run on, and give back. */
export class Machine {
  readonly folder: string
  /** Sentences about what cannot be done here. */
  readonly lacks: readonly string[]
  readonly #mounts: string[] = []
  readonly #canMount: string | null
  readonly #library: string | null

  constructor() {
    clearLeftovers()
    this.folder = mkdtempSync(join(tmpdir(), `andon-machine-${process.pid}-`))
    this.#library = LIBRARY_FOLDERS.map((folder) => join(folder, LIBRARY)).find((path) => existsSync(path)) ?? null
    this.#canMount = this.#tryMount()
    this.lacks = [
      ...(this.#canMount === null ? [] : [`no full disks: ${this.#canMount}`]),
      ...(this.#library === null ? [`no clock jumps: ${LIBRARY} is not installed (apt install libfaketime)`] : []),
    ]
  }

  /** A folder that is there. */
  makeFolder(name: string): string {
    const folder = join(this.folder, name)
    mkdirSync(folder)
    return folder
  }

  /** A folder on a disk of its own; null where that cannot be. */
  makeDisk(name: string, megabytes: number): Disk | null {
    if (this.#canMount !== null) return null
    const folder = this.makeFolder(name)
    const failure = this.#mount(folder, megabytes)
    if (failure !== null) throw new Error(failure)
    const filler = join(folder, 'filler')
    return { folder, fill: () => fill(filler), keepFull: () => keepFull(filler) }
  }

  /** A clock that can be set; null where that cannot be. */
  makeClock(name: string): FakeClock | null {
    if (this.#library === null) return null
    const file = join(this.folder, `clock-${name}`)
    const set = (byMs: number) => {
      // Renamed, because the library may read at any moment.
      writeFileSync(`${file}.new`, `${byMs < 0 ? '-' : '+'}${Math.abs(byMs / 1000)}s\n`)
      renameSync(`${file}.new`, file)
    }
    set(0)
    const env = {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: file,
      // Read at every look at the clock; timers keep their pace, as on a machine whose wall clock is set.
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      // Its shared memory would outlive a process that is killed.
      FAKETIME_DISABLE_SHM: '1',
    }
    return { env, set }
  }

  /** Gives everything back. Whatever runs on these folders must have ended. */
  clear(): void {
    for (const mount of this.#mounts.splice(0)) spawnSync('umount', ['-l', mount])
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Null when it works, else why not. */
  #tryMount(): string | null {
    if (process.platform !== 'linux') return 'only Linux mounts a tmpfs'
    if (process.getuid?.() !== 0) return 'only root may mount a tmpfs'
    const failure = this.#mount(this.makeFolder('try'), 1)
    if (failure === null) spawnSync('umount', [this.#mounts.pop() ?? ''])
    return failure
  }

  #mount(folder: string, megabytes: number): string | null {
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], {
      encoding: 'utf8',
    })
    if (status !== 0) return stderr.trim() || 'mount failed'
    this.#mounts.push(folder)
    return null
  }
}

/** Writes until there is no room, in large pieces, then in small ones, to the last byte; again, what became free meanwhile. */
async function fill(path: string): Promise<() => Promise<void>> {
  const file = await open(path, 'a')
  try {
    for (const bytes of [256 * 1024, 4096, 1]) {
      const piece = Buffer.alloc(bytes)
      while (await fits(file.write(piece))) {
        // Until it does not.
      }
    }
  } finally {
    await file.close()
  }
  return () => rm(path, { force: true })
}

function keepFull(path: string): () => Promise<void> {
  const over = new AbortController()
  const filled = (async () => {
    let makeRoom = await fill(path)
    while (!over.signal.aborted) makeRoom = await fill(path)
    await makeRoom()
  })()
  return () => {
    over.abort()
    return filled
  }
}

async function fits(writing: Promise<unknown>): Promise<boolean> {
  try {
    await writing
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false
    throw error
  }
}

/** Folders of runs that were killed: unmounted and removed. Those of running ones are left alone. */
function clearLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = NAME.exec(name)?.[1]
    if (owner === undefined || isRunning(Number(owner))) continue
    const folder = join(tmpdir(), name)
    for (const mount of mountsBelow(folder)) spawnSync('umount', ['-l', mount])
    rmSync(folder, { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // there is no such process
  }
}

function mountsBelow(folder: string): readonly string[] {
  if (!existsSync('/proc/mounts')) return []
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
}
