import { expect, test } from 'vitest'
// oxlint-disable-next-line no-unassigned-import -- fonts are for their effect
import './fonts.css'

test('Noto Sans KR comes with the product: a kiosk needs none of its system', async () => {
  const faces = await document.fonts.load("16px 'Noto Sans KR Variable'", '설비')
  expect(faces.map(({ status }) => status)).toContain('loaded')
})
