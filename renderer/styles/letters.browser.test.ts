import { afterEach, describe, expect, it } from 'vitest'
import { useLetters } from './letters.ts'
// oxlint-disable-next-line no-unassigned-import -- what says where the letters are used
import './styles.css'

afterEach(() => {
  document.fonts.clear()
  delete document.documentElement.dataset['type']
})

/** Lets a page begin, with what was kept before. */
function begin({ isLocal = false, kept = null as string | null, mayFetch = true } = {}) {
  const written: string[] = []
  const quiet: (() => void)[] = []
  useLetters({
    isLocal,
    kept,
    keep: (files) => void written.push(files),
    mayFetch: () => mayFetch,
    whenIdle: (work) => void quiet.push(work),
    page: document,
  })
  return { written, becomeQuiet: () => quiet.splice(0).forEach((work) => work()) }
}

function width(words: string, weight: number): number {
  const element = document.createElement('span')
  element.style.cssText = `position:absolute;font-size:100px;font-weight:${weight}`
  element.textContent = words
  document.body.append(element)
  const { width: across } = element.getBoundingClientRect()
  element.remove()
  return across
}

describe('letters of the product', () => {
  it('are there on a kiosk at once, in Latin and Hangul, with figures of one width in every weight', async () => {
    begin({ isLocal: true })
    for (const weight of [400, 650, 700]) {
      const faces = await document.fonts.load(`${weight} 16px Pretendard`, 'Alarm 설비 0123')
      expect(faces.map(({ family, status }) => [family, status])).toEqual([['Pretendard', 'loaded']])
      expect(width('1111', weight)).toBe(width('0000', weight))
    }
    expect(getComputedStyle(document.body).fontFamily).toMatch(/^Pretendard/)
  })

  it('have signs in colour for systems without', async () => {
    begin()
    const faces = await document.fonts.load("16px 'Noto Color Emoji'", '🔥👍')
    expect(faces.map(({ status }) => status)).toContain('loaded')
  })

  it('are kept by a browser in a quiet moment, and used from its next start on', async () => {
    const first = begin()
    expect(document.documentElement.dataset['type']).toBeUndefined()
    first.becomeQuiet()
    await expect.poll(() => first.written).toHaveLength(1)
    expect(getComputedStyle(document.body).fontFamily).not.toMatch(/^Pretendard/)
    begin({ kept: first.written[0] ?? null })
    expect(document.documentElement.dataset['type']).toBe('bundled')
  })

  it('are not fetched where nothing of it would stay, and those of another build are none', () => {
    const page = begin({ kept: 'other files', mayFetch: false })
    page.becomeQuiet()
    expect([page.written, document.documentElement.dataset['type']]).toEqual([[], undefined])
  })
})
