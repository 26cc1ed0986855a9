import { expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { fitsCommand } from './command-data.ts'

/** `[[…[]…]]` as the wire brings it. */
function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth))
}

it('[P8] a command is bounded in bytes of UTF-8, not in letters', () => {
  const quotes = 2
  expect(fitsCommand('a'.repeat(LIMITS.maxCommandBytes - quotes))).toBe(true)
  expect(fitsCommand('a'.repeat(LIMITS.maxCommandBytes - quotes + 1))).toBe(false)
  expect(fitsCommand('가'.repeat(LIMITS.maxCommandBytes / 2))).toBe(false)
  expect(fitsCommand(undefined)).toBe(true)
})

it('[P8] a command is bounded in depth, whatever depth a frame can hold', () => {
  expect(fitsCommand(nested(LIMITS.maxCommandDepth))).toBe(true)
  expect(fitsCommand(nested(LIMITS.maxCommandDepth + 1))).toBe(false)
  expect(fitsCommand(nested(LIMITS.maxFrameBytes / 2))).toBe(false)
  expect(fitsCommand({ a: [{ b: nested(LIMITS.maxCommandDepth) }] })).toBe(false)
})
