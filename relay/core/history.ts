/** Questions of windows for the past of a signal: the server answers them by HTTP, and the token for it stays here (R26). */
import { parseChannel } from '../protocol/channels.ts'
import type { WindowMessage } from '../protocol/local.ts'
import { refuse } from '../protocol/errors.ts'
import { LIMITS } from '../protocol/limits.ts'
import { coversArea } from '../protocol/rights.ts'
import { telemetryChannel } from '../protocol/telemetry.ts'
import { answer } from './answers.ts'
import { isUp } from './connection-state.ts'
import type { Input } from './inputs.ts'
import { boundAuthor, isReadable } from './reading.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

const UNREACHABLE = {
  ok: false,
  code: 'unreachable',
  message: 'There is no connection to the server; the past of a machine is kept there.',
} as const

export function askSeries(
  state: EngineState,
  turn: Turn,
  port: number,
  message: Extract<WindowMessage, { t: 'series' }>,
): void {
  const { t: _t, ref, ...query } = message
  const origin = { kind: 'window', port, ref } as const
  const channel = parseChannel(telemetryChannel(query.area, query.machine))
  if (channel === null) return answer(turn, origin, refuse('bad-frame'))
  if (!isReadable(state, channel)) {
    return answer(turn, origin, refuse(state.sessions.current === null ? 'sign-in-needed' : 'forbidden'))
  }
  const bearer = bearerFor(state, query.area)
  if (bearer === null) return answer(turn, origin, UNREACHABLE)
  if (state.seriesReads >= LIMITS.maxSeriesReads) return answer(turn, origin, refuse('rate-limited'))
  state.seriesReads += 1
  turn.effects.push({ kind: 'readSeries', port, ref, query, bearer })
}

export function seriesRead(state: EngineState, turn: Turn, input: Extract<Input, { kind: 'seriesRead' }>): void {
  const { port, ref, result } = input
  state.seriesReads -= 1
  if (result.ok) turn.effects.push({ kind: 'postPort', port, message: { t: 'series', ref, page: result.value } })
  else answer(turn, { kind: 'window', port, ref }, result)
}

/** As the person where the person may read it, else as the device, which is what reading a wall board is. */
function bearerFor(state: EngineState, area: string): string | null {
  if (!isUp(state.connection)) return null
  const author = boundAuthor(state)
  return author !== null && coversArea(author.areas, area) ? author.token : state.deviceToken
}
