import { explore } from './run.ts'
import { WEIGHTS } from './schedule.ts'

explore(
  '[R12 R13 R14 R15 R17 R20 R22 S1 S2 S3 S4 S7] every reader sees every event once, in order, or a reset, and ends up with what the store holds',
  WEIGHTS.reading,
)
