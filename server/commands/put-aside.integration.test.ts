import { link, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { putAside } from './put-aside.ts'

/** As Linux answers on FAT. */
const onFat: typeof link = () =>
  Promise.reject(Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' }))

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-aside-'))
  await writeFile(join(folder, 'part'), 'backup of today')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe.each([
  ['knows links', link],
  ['knows none', onFat],
])('on a file system that %s', (_kind, makeLink) => {
  const put = () => putAside(join(folder, 'part'), join(folder, 'backup'), makeLink)

  it('a finished file gets its name, and nothing else stays', async () => {
    await put()
    expect(await readdir(folder)).toEqual(['backup'])
    expect(await readFile(join(folder, 'backup'), 'utf8')).toBe('backup of today')
  })

  it('what is there already stays as it is', async () => {
    await writeFile(join(folder, 'backup'), 'backup of yesterday')
    await expect(put()).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(join(folder, 'backup'), 'utf8')).toBe('backup of yesterday')
  })
})
