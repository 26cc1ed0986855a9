import { describe, expect, it } from 'vitest'
import { HeldBytes } from './held-bytes.ts'

const by = (source: string, bytes: number, isKnown = false) => ({ source, bytes, isKnown })
const RULES = { maxPerSource: 100, max: 250 }

describe('bytes of unfinished messages [V23, P8]', () => {
  it('are what each holder holds now, and nothing of who left', () => {
    const held = new HeldBytes<string>(RULES)
    expect(held.holds('a', by('here', 60))).toBeNull()
    expect(held.holds('a', by('here', 90))).toBeNull()
    expect(held.sum).toBe(90)
    expect(held.holds('a', by('here', 0))).toBeNull()
    held.left('a')
    expect(held.sum).toBe(0)
  })

  it('beyond the bound of a source cost who holds most there, however little others hold', () => {
    const held = new HeldBytes<string>(RULES)
    held.holds('other', by('there', 95))
    held.holds('many', by('here', 60))
    expect(held.holds('few', by('here', 41))).toBe('many')
    expect(held.sum).toBe(136)
  })

  it('beyond the sum cost the source that has most', () => {
    const held = new HeldBytes<string>(RULES)
    held.holds('a', by('1', 70))
    held.holds('b', by('2', 99))
    held.holds('c', by('3', 60))
    expect(held.holds('d', by('4', 30))).toBe('b')
  })

  it('cost a known device only where nobody else is left', () => {
    const held = new HeldBytes<string>(RULES)
    held.holds('terminal', by('here', 90, true))
    expect(held.holds('stranger', by('here', 20))).toBe('stranger')
    expect(held.holds('other terminal', by('here', 20, true))).toBe('terminal')
  })
})
