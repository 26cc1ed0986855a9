import { link, open, rename, rm } from 'node:fs/promises'

/** What a file system says that knows no links: FAT and exFAT, as on most USB sticks, and some shares. */
const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Gives a finished file its name. Unlike a rename alone, it never replaces what came to be there meanwhile, which is `EEXIST`;
 * the finished file is then left where it is. `makeLink`: of the file system.
 */
export async function putAside(part: string, file: string, makeLink: typeof link = link): Promise<void> {
  try {
    await makeLink(part, file)
    await rm(part)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NO_LINKS.has(error.code))) throw error
    // The name is taken first, by an empty file that nobody else can make; what is renamed over it is our own.
    await (await open(file, 'wx')).close()
    await rename(part, file)
  }
}
