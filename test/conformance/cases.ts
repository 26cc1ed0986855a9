import type { Case } from './case.ts'
import { bytes } from './cases/bytes.ts'
import { channels } from './cases/channels.ts'
import { commands } from './cases/commands.ts'
import { compression } from './cases/compression.ts'
import { evidence } from './cases/evidence.ts'
import { frames } from './cases/frames.ts'
import { greeting } from './cases/greeting.ts'
import { heartbeat } from './cases/heartbeat.ts'
import { identity } from './cases/identity.ts'
import { leaving } from './cases/leaving.ts'
import { live } from './cases/live.ts'
import { rejections } from './cases/rejections.ts'
import { ways } from './cases/ways.ts'

/** Everything that can be seen of a server from outside, in the order of PROTOCOL.md. */
export const CASES: readonly Case[] = [
  ...greeting,
  ...frames,
  ...bytes,
  ...identity,
  ...commands,
  ...rejections,
  ...channels,
  ...live,
  ...compression,
  ...heartbeat,
  ...evidence,
  ...leaving,
  ...ways,
]
