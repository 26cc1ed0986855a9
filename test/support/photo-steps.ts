/** Steps of the way of a file, in their order. What has no answer yet is under way; what the relay has not heard yet was answered. */
export const PHOTO_STEPS = [
  'being kept',
  'kept',
  'saved',
  'asked about',
  'first piece under way',
  'first piece taken',
  'last piece under way',
  'last piece taken',
  'said to be stored',
] as const
export type PhotoStep = (typeof PHOTO_STEPS)[number]
