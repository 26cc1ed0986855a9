import { describe, expect, it } from 'vitest'
import { streamsTo } from './streams.ts'

function terminal() {
  const written: string[] = []
  return { written, write: (words: string) => written.push(words), isTTY: true }
}

describe('the printer of every command', () => {
  it('[X9] prints each line as one line, whatever others have written into it', () => {
    const [stdout, stderr] = [terminal(), terminal()]
    const streams = streamsTo(stdout, stderr)
    streams.out('Press\u001b]0;owned\u0007 2', 'a\u202eb\r\nforged')
    streams.err('There is no area "\u009b2J".')
    expect(stdout.written.join('')).toBe('Press\\u001b]0;owned\\u0007 2\na\\u202eb\\u000d\\u000aforged\n')
    expect(stderr.written.join('')).toBe('andon: There is no area "\\u009b2J".\n')
  })

  it('leaves the words of every language as they are', () => {
    const stdout = terminal()
    streamsTo(stdout, terminal()).out('3호 프레스 · 👩‍🏭 · می‌خواهم')
    expect(stdout.written).toEqual(['3호 프레스 · 👩‍🏭 · می‌خواهم\n'])
  })
})
