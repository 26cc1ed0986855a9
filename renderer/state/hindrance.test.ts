import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import type { Alarms } from './alarms.ts'
import type { App } from './app.ts'
import type { SheetName } from './sheets.ts'
import { hindranceIn } from './hindrance.ts'

interface Screen {
  readonly alarms?: Partial<Record<keyof Alarms, readonly unknown[]>>
  readonly sheet?: SheetName | null
  readonly drafts?: Readonly<Record<string, string>>
  readonly chosen?: App['talk']['chosen']['value']
}

function hindrance({ alarms = {}, sheet = null, drafts = {}, chosen = {} }: Screen) {
  const shown = { overlay: [], banners: [], p1: [], ...alarms } as unknown as Alarms
  const app: Pick<App, 'sheet' | 'drafts'> = { sheet: signal(sheet), drafts: signal(drafts) }
  return hindranceIn({ ...app, alarms: signal(shown), talk: { chosen: signal(chosen) } })
}

describe('what a restart would take from a person', () => {
  it('is nothing on a quiet screen, nor in a sheet that only shows', () => {
    expect(hindrance({})).toBeNull()
    expect(hindrance({ sheet: { kind: 'connection' } })).toBeNull()
    expect(hindrance({ alarms: { p1: [{}] }, drafts: { 'line-3': '  ' } })).toBeNull()
  })

  it('is a photo that was chosen and not sent', () => {
    const photo = { key: 'a', name: 'die.jpg', type: 'image/jpeg', bytes: new Uint8Array(1), url: null } as const
    expect(hindrance({ chosen: { 'line-3': [photo] } })).toBe('unsaved')
    expect(hindrance({ chosen: { 'line-3': [] } })).toBeNull()
  })

  it('is a P0 that waits for an answer, over the screen or set aside as a banner', () => {
    expect(hindrance({ alarms: { overlay: [{}] } })).toBe('p0')
    expect(hindrance({ alarms: { banners: [{ acknowledging: null }] } })).toBe('p0')
    expect(hindrance({ alarms: { banners: [{ acknowledging: { by: 'kim' } }] } })).toBeNull()
  })

  it('is what was begun in a form, and words that are not sent', () => {
    const draft = { priority: null, area: 'line-3', title: '', body: '' }
    expect(hindrance({ sheet: { kind: 'raise', draft } })).toBe('unsaved')
    expect(hindrance({ drafts: { 'line-1': 'Half a sentence' } })).toBe('unsaved')
  })
})
