/**
 * @typedef {object} Icon
 * @property {string} file    in `renderer/public/icons`
 * @property {number} size    pixels of each side
 * @property {'rounded' | 'full' | 'alone'} ground
 *   `rounded`: as drawn, with transparent corners. `full`: to every edge, and the lamp within the circle of 80 % that no mask
 *   cuts (W3C Web App Manifest, "maskable"). `alone`: the white lamp without ground, of which Android shows the shape only.
 */

/** @type {readonly Icon[]} */
export const ICONS = [
  { file: 'icon-192.png', size: 192, ground: 'rounded' },
  { file: 'icon-512.png', size: 512, ground: 'rounded' },
  { file: 'maskable-192.png', size: 192, ground: 'full' },
  { file: 'maskable-512.png', size: 512, ground: 'full' },
  // iOS rounds the corners itself and paints transparent ones black.
  { file: 'apple-touch-180.png', size: 180, ground: 'full' },
  { file: 'badge-96.png', size: 96, ground: 'alone' },
]

/**
 * The drawing as this icon wants it. Knows two things of the drawing: the ids `ground` and `lamp`.
 * @param {string} drawing  text of `renderer/icon.svg`
 * @param {Icon} icon
 */
export function variantOf(drawing, { ground }) {
  if (ground === 'rounded') return drawing
  if (ground === 'alone') return drawing.replace(/<rect id="ground"[^>]*\/>/, '')
  return drawing
    .replace(/(<rect id="ground"[^>]*?) rx="\d+"/, '$1')
    .replace('<g id="lamp"', '<g id="lamp" transform="translate(4.8 4.8) scale(0.8)"')
}
