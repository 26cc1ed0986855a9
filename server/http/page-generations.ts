import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

/** The running build of the web UI, and the two before it. */
export const KEPT_GENERATIONS = 3
/** Vite writes hashed files, and only those, as `assets/NAME-HASH.ext`; `.gz` is the same, packed (`build/pages.mjs`). */
const HASHED = /^[^/\\]+-[\w-]{8}\.\w+(\.gz)?$/

export function isHashedAsset(name: string): boolean {
  return HASHED.test(name)
}

/**
 * Where the assets of earlier builds are, by file name: a page that was open during an update still finds what it loads
 * later. Files of the present build are not in it.
 */
export type EarlierAssets = ReadonlyMap<string, string>

/**
 * Keeps a copy of this build's assets in the server's own data, which outlives an update of the program, and says what it
 * has of the builds before; more than `KEPT_GENERATIONS` are deleted, the longest unused first.
 *
 *   {data}/pages/{generation}/assets/NAME-HASH.ext      generation: a hash over the names, so the same build is kept once
 *
 * Called once at start. Throws what the file system throws: the pages themselves can be served without.
 *
 * @param built folder of the built web UI, with `assets/` in it
 * @param now epoch milliseconds, of which only the order matters
 */
export function keepGenerations(built: string, folder: string, now: number): EarlierAssets {
  const names = assetsIn(join(built, 'assets'))
  const present = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16)
  mkdirSync(folder, { recursive: true })
  const kept = join(folder, present)
  if (!existsSync(kept)) copyAssets(built, kept)
  utimesSync(kept, now / 1000, now / 1000)

  const earlier = generationsIn(folder).filter((generation) => generation !== present)
  for (const gone of earlier.splice(KEPT_GENERATIONS - 1)) rmSync(join(folder, gone), { recursive: true, force: true })
  return new Map(earlier.flatMap((generation) => placesOf(join(folder, generation, 'assets'))))
}

/** By way of another name, so that a generation that is there is whole. */
function copyAssets(from: string, to: string): void {
  const half = `${to}.half`
  rmSync(half, { recursive: true, force: true })
  mkdirSync(join(half, 'assets'), { recursive: true })
  for (const name of assetsIn(join(from, 'assets')))
    copyFileSync(join(from, 'assets', name), join(half, 'assets', name))
  renameSync(half, to)
}

/** The one used last first. */
function generationsIn(folder: string): string[] {
  const found = readdirSync(folder).filter((name) => /^[0-9a-f]{16}$/.test(name))
  const usedAt = new Map(found.map((name) => [name, statSync(join(folder, name)).mtimeMs]))
  return found.toSorted((a, b) => (usedAt.get(b) ?? 0) - (usedAt.get(a) ?? 0))
}

function placesOf(folder: string): (readonly [name: string, folder: string])[] {
  return assetsIn(folder).map((name) => [name, folder])
}

function assetsIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter(isHashedAsset).toSorted()
}
