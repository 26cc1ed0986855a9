import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { whyUnusable } from './data-folder.ts'

let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'andon-data-'))
})
afterEach(() => rmSync(place, { recursive: true }))

it('the folder of a device is made where there is none, and taken where there is one', () => {
  const folder = join(place, 'floor', 'kiosk')
  expect(whyUnusable(folder)).toBeNull()
  expect(existsSync(folder)).toBe(true)
  expect(whyUnusable(folder)).toBeNull()
})

it('one that cannot be made is named in a sentence that says what to do', () => {
  const folder = join(place, 'file', 'kiosk')
  writeFileSync(join(place, 'file'), '')
  expect(whyUnusable(folder)).toContain(folder)
  expect(whyUnusable(folder)).toContain('--data DIR')
})
