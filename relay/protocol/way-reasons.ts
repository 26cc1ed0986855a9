/** Why a device is not on the best way: a stable code for programs, a sentence for people. */
export const WAY_REASONS = {
  pinned: 'This way of connecting was chosen in the settings of this device.',
  'upgrade-missing': 'Something on the way takes "Upgrade" out of the request, so that no WebSocket opens.',
  'upgrade-blocked': 'Something on the way blocks WebSocket.',
  'foreign-answer': 'Something on the way answers in place of the server.',
  'way-silent': 'A better way opens, but nothing comes through it in time.',
  'way-cut': 'A better way is cut again and again after the same time.',
} as const satisfies Record<string, string>
export type WayReason = keyof typeof WAY_REASONS
