import { expect, test } from 'vitest'
// oxlint-disable-next-line no-unassigned-import -- fonts are for their effect
import './fonts.css'

test.each([
  ['Noto Sans KR Variable', '설비'],
  ['Noto Emoji Variable', '🔥👍'],
])('%s comes with the product: a kiosk needs none of its system', async (family, letters) => {
  const faces = await document.fonts.load(`16px '${family}'`, letters)
  expect(faces.map(({ status }) => status)).toContain('loaded')
})
