import { describe, expect, it } from 'vitest'
import { fitName, middled, NAME_ROOM } from './wall-names.ts'

/** Letters of one width, Hangul wider. */
const measure = (words: string): number => Array.from(words).reduce((sum, one) => sum + (one > '\u1100' ? 0.9 : 0.6), 0)
const lying = (name: string, standing = 'Runs') => fitName(name, measure(standing), NAME_ROOM.lying, measure)
const upright = (name: string, standing = 'Runs') => fitName(name, measure(standing), NAME_ROOM.upright, measure)

describe('a name on a wall', () => {
  it('stands beside the state, above it, or in a row of its own, by what room it needs', () => {
    expect(lying('Line 200', 'No contact')).toEqual({ words: 'Line 200', stands: 'beside', places: 1 })
    expect(lying('Paint shop 2')).toEqual({ words: 'Paint shop 2', stands: 'above', places: 2 })
    expect(lying('Assembly hall north line 12')).toMatchObject({ stands: 'row', places: 2 })
    expect(upright('Paint shop')).toMatchObject({ stands: 'beside', places: 1 })
    expect(upright('Paint shop 2', 'No contact')).toMatchObject({ stands: 'above', places: 1.5 })
    expect(upright('Assembly hall north line 12')).toMatchObject({ words: 'Assembly hall north line 12', places: 2 })
  })

  it('loses letters of its middle where it has no room: names differ at their end', () => {
    const name = 'Wareneingang und Kommissionierung Halle 12'
    expect(lying(name).words).toMatch(/^Wareneingang und….*Halle 12$/)
    expect(measure(lying(name).words)).toBeLessThanOrEqual(NAME_ROOM.lying.row)
    expect(upright('가'.repeat(64)).words).toMatch(/^가+…가+$/)
    // A letter of several signs stays one.
    expect(lying('👩‍🏭'.repeat(40)).words).toMatch(/^(👩‍🏭)+…(👩‍🏭)+$/u)
  })
  it('is cut between words, where one is near', () => {
    const atMost = (title: string, letters: number): string => middled(title, ({ length }) => length <= letters)
    expect(atMost('Torque out of band · Station 7', 29)).toBe('Torque out…band · Station 7')
    expect(atMost('Emergency stop pulled · Press\u00A06', 20)).toBe('Emergency…Press\u00A06')
    expect(atMost('Emergency stop pulled · Press\u00A06', 14)).toBe('Emerge…Press\u00A06')
    expect(atMost('유압 저하 · 프레스 5, 오일 누출 여부를 확인하고 펌프를 세우십시오', 30)).toBe(
      '유압 저하 · 프레스 5,…확인하고 펌프를 세우십시오',
    )
    for (let letters = 3; letters < 60; letters += 1)
      expect(
        atMost('Hydraulic pressure low in the secondary circuit of pump 2 north', letters).length,
      ).toBeLessThanOrEqual(letters)
  })
})
