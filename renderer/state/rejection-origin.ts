import type { RejectionRecord } from '../../relay/protocol/records.ts'
import { deviceName } from '../text/author-name.ts'
import { rejectionWords } from '../text/rejection-words.ts'

/** Characters of a key that tell two terminals of one name apart. */
const SHORT_KEY = 8

/**
 * Who did it and where, and how sure that is: a person who was signed in, a terminal alone, or one on which nobody ever signed
 * in and which may call itself anything. A name that only the terminal gives is told as its word.
 */
export function rejectedBy(record: RejectionRecord): string {
  const { by, on, origin, claimed } = record
  const words = rejectionWords()
  if (!by.startsWith('device:')) {
    const who = words.by(by, on === by || on === null ? null : deviceName(on))
    return origin === 'device' ? words.reported(who) : who
  }
  const name = deviceName(by.slice('device:'.length))
  const who = origin === 'stranger' ? words.byStranger(name, record.device.slice(0, SHORT_KEY)) : words.byDevice(name)
  return typeof claimed === 'string' ? words.claimed(who, claimed) : who
}

/** Whether nobody vouches for who did it. */
export function isDoubtful({ origin, claimed }: RejectionRecord): boolean {
  return origin === 'stranger' || typeof claimed === 'string'
}

/** The author as the end of a sentence: the operator, or the terminal, which is never taken for a person of that name. */
export function authorOf({ by }: RejectionRecord): string {
  return by.startsWith('device:') ? rejectionWords().terminal(deviceName(by.slice('device:'.length))) : by
}
