import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { id } from '../../relay/domain/testing/samples.ts'
import { fileKeeper } from './notifications-keeper.ts'

const folder = mkdtempSync(join(tmpdir(), 'andon-notified-'))
afterAll(() => rmSync(folder, { recursive: true }))

const log = (): void => undefined

test('what was notified last comes back, and nothing else is left in the folder', async () => {
  const path = join(folder, 'notified.json')
  const keeper = fileKeeper(path, log)
  expect(keeper.load()).toBeNull()
  for (let n = 0; n < 50; n++) keeper.save({ known: [id(n)], standing: [] })
  await keeper.settled()
  expect(fileKeeper(path, log).load()).toEqual({ known: [id(49)], standing: [] })
  expect(readdirSync(folder)).toEqual(['notified.json'])
})

test('a file that was torn is an empty memory', () => {
  const path = join(folder, 'torn.json')
  writeFileSync(path, '{"known":[')
  expect(fileKeeper(path, log).load()).toBeNull()
})

test('a disk that refuses is logged and holds nothing up', async () => {
  const logged: string[] = []
  const keeper = fileKeeper(join(folder, 'no', 'such', 'folder.json'), (_level, event) => logged.push(event))
  keeper.save({ known: [], standing: [] })
  await keeper.settled()
  expect(logged).toEqual(['notified-not-kept'])
})
