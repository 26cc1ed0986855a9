import { existsSync, writeFileSync } from 'node:fs'
import type { PhotoJob } from '../adapters/files/photo-work.ts'

// Dies as a decoder does that its bytes have broken: each time at what is called `deadly`, once at everything else.
process.on('message', ({ from }: PhotoJob) => {
  const isBefore = existsSync(`${from}.died`)
  writeFileSync(`${from}.died`, '')
  if (from.endsWith('deadly') || !isBefore) process.kill(process.pid, 'SIGKILL')
  else process.send?.({ kind: 'file' })
})
