/** Questions of windows for the past of a signal: the server answers them by HTTP, and the token for it stays here (R26). */
import { parseChannel } from '../../protocol/channels.ts'
import { refuse } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { WindowMessage } from '../../protocol/local.ts'
import { coversArea } from '../../protocol/rights.ts'
import { telemetryChannel } from '../../protocol/machine-names.ts'
import { isUp } from '../link/slice.ts'
import type { Input } from '../step/inputs.ts'
import type { Reader, Turn } from '../step/turn.ts'
import { answer, noConnection } from '../tell/answers.ts'
import { boundAuthor, isReadable } from '../tell/reading.ts'
import type { WindowsState } from './slice.ts'

export function askSeries(
  windows: WindowsState,
  turn: Turn,
  port: number,
  message: Extract<WindowMessage, { t: 'series' }>,
): void {
  const { t: _t, ref, ...query } = message
  const origin = { kind: 'window', port, ref } as const
  const channel = parseChannel(telemetryChannel(query.area, query.machine))
  if (channel === null) return answer(turn, origin, refuse('bad-frame'))
  if (!isReadable(turn, channel)) {
    return answer(turn, origin, refuse(turn.people.current === null ? 'sign-in-needed' : 'forbidden'))
  }
  const bearer = bearerFor(turn, query.area)
  if (bearer === null) return answer(turn, origin, noConnection('the past of a machine is kept there.'))
  if (windows.seriesReads >= LIMITS.maxSeriesReads) return answer(turn, origin, refuse('rate-limited'))
  windows.seriesReads += 1
  turn.effects.push({ kind: 'readSeries', port, ref, query, bearer })
}

export function seriesRead(windows: WindowsState, turn: Turn, input: Extract<Input, { kind: 'seriesRead' }>): void {
  const { port, ref, result } = input
  windows.seriesReads -= 1
  if (result.ok) turn.effects.push({ kind: 'postPort', port, message: { t: 'series', ref, page: result.value } })
  else answer(turn, { kind: 'window', port, ref }, result)
}

/** As the person where the person may read it, else as the device, which is what reading a wall board is. */
function bearerFor(reader: Reader, area: string): string | null {
  if (!isUp(reader.link.connection)) return null
  const author = boundAuthor(reader)
  return author !== null && coversArea(author.areas, area) ? author.token : reader.link.deviceToken
}
