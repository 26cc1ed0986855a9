import { explore } from './run.ts'
import { WEIGHTS } from './schedule.ts'

explore(
  '[R4 R5 R7 R8 R9 R11 R16 W1 W2 W3 W4 W5 W6 W7 W8 W10] every saved command takes effect once, in order, and ends',
  WEIGHTS.writing,
)
