import { describe, expect, it } from 'vitest'
import { COMMANDS, laneOf, mayTravelIn, stoodIn, type CommandRow } from './commands.ts'

describe('the lane of a command', () => {
  it('[W7] is the one its row names, and no other', () => {
    for (const type of Object.keys(COMMANDS)) {
      expect(mayTravelIn(type, laneOf(type))).toBe(true)
      expect(mayTravelIn(type, laneOf(type) === 'urgent' ? 'normal' : 'urgent')).toBe(false)
    }
  })

  it('[W7] or one its type stood in before it moved, for outboxes that were filled then', () => {
    const moved: CommandRow = { ...COMMANDS['chat.post'], lane: 'urgent', formerLanes: ['normal'] }
    expect([stoodIn(moved, 'urgent'), stoodIn(moved, 'normal')]).toEqual([true, true])
    expect(stoodIn({ ...moved, formerLanes: [] }, 'normal')).toBe(false)
  })

  it('[W5] of a type that is not known is either: it is refused for what it is', () => {
    expect([mayTravelIn('coffee.brew', 'urgent'), mayTravelIn('coffee.brew', 'normal')]).toEqual([true, true])
  })
})
