import { existsSync, writeFileSync } from 'node:fs'
import type { AskedPhoto, PhotoAnswer } from '../adapters/files/photo-work.ts'

// Dies as a decoder does that its bytes have broken: each time at what is called `deadly`, once at what is `harmless`; and as one
// that others end, at what is `stopped`. Everything else it answers twice.
const answer: PhotoAnswer = { kind: 'file' }
process.on('message', ({ ref, job: { from } }: AskedPhoto) => {
  const isBefore = existsSync(`${from}.died`)
  writeFileSync(`${from}.died`, '')
  if (from.endsWith('stopped')) process.kill(process.pid, 'SIGKILL')
  else if (from.endsWith('deadly') || (from.endsWith('harmless') && !isBefore)) process.abort()
  process.send?.({ ref, answer })
  if (!from.endsWith('harmless')) process.send?.({ ref, answer: { kind: 'refused', why: 'of the job before' } })
})
process.send?.(null)
