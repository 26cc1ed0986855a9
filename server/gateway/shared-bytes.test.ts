import { expect, it } from 'vitest'
import { joinBytes, SharedBytes, type Framing } from './shared-bytes.ts'

/** Puts a mark before each frame, and counts how often it was asked. */
function marking(mark: string) {
  const counts = { framed: 0 }
  const framing: Framing = {
    frame: (messages) => {
      counts.framed += 1
      return Buffer.from(messages.map((message) => mark + String(message)).join(''))
    },
  }
  return { framing, counts }
}

it('[U2] is framed once for each kind of end, and everybody of that kind gets the same bytes', () => {
  const [stream, poll, third] = [marking('data: '), marking('+'), marking('-')]
  const bytes = new SharedBytes(['fire', '위급'])
  const kinds = [stream, poll, third, poll, stream, third]
  const all = kinds.map(({ framing }) => bytes.framedBy(framing))
  expect(all.map(String)).toEqual([
    'data: firedata: 위급',
    '+fire+위급',
    '-fire-위급',
    '+fire+위급',
    'data: firedata: 위급',
    '-fire-위급',
  ])
  expect([all[0] === all[4], all[1] === all[3], all[2] === all[5]]).toEqual([true, true, true])
  expect(kinds.map(({ counts }) => counts.framed)).toEqual([1, 1, 1, 1, 1, 1])
})

it('counts bytes of texts, not characters, and of what is bytes, and no framing', () => {
  expect(new SharedBytes(['위급', 'x', new Uint8Array(3)]).length).toBe(10)
})

it('[U2] one alone is joined to nothing, so that what was framed of it is framed for all', () => {
  const [one, other] = [new SharedBytes(['a']), new SharedBytes(['b'])]
  expect(joinBytes([one])).toBe(one)
  expect(joinBytes([one, other])).toMatchObject({ messages: ['a', 'b'], length: 2 })
})
