import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import { check } from '../../relay/protocol/check.ts'
import type { Clock, Log } from '../../relay/ports.ts'
import { ASKED, type Answers, type AskedName } from '../ipc/channels.ts'
import { Pace } from './pace.ts'
import { isOurs } from './page-files.ts'
import { refusalLog } from './refusal-log.ts'

/** What one window may ask: a page asks once per load, and a page that reloads in circles is slowed down. */
const ASK_PACE = { perSecond: 5, burst: 50 } as const

/** The part of Electron's `WebContents` that is needed. */
export interface Sender {
  readonly id: number
  readonly mainFrame: object
}

/** The part of Electron's `IpcMainInvokeEvent` that is needed. */
export interface AskEvent<S> {
  readonly sender: S
  /** Null once the frame is gone; readable only before the first `await`. */
  readonly senderFrame: { readonly url: string } | null
}

export interface AskSource<S> {
  handle(channel: string, answer: (event: AskEvent<S>, ...args: unknown[]) => Promise<unknown>): void
}

export interface IpcOptions<S> {
  readonly ipc: AskSource<S>
  /** Whether this is a window of the kiosk, and not something it should never have opened. */
  readonly isWindow: (sender: S) => boolean
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Log
  readonly handlers: { readonly [N in AskedName]: (sender: S) => Promise<Answers[N]> | Answers[N] }
}

/**
 * Answers what windows ask: the one way into main beside the ports. Every question is checked — a window of ours, its main
 * frame, our origin, the arguments of the table, the pace — and every failure is answered, and logged at the pace of `refusalLog`.
 */
export function serveQuestions<S extends Sender>(options: IpcOptions<S>): void {
  const { ipc, handlers, log, clock } = options
  const refused = refusalLog(log, clock)
  const paces = new WeakMap<S, Pace>()
  const names = Object.keys(ASKED) as readonly AskedName[]
  for (const name of names) {
    ipc.handle(ASKED[name].channel, async (event, ...args) => {
      const { sender } = event
      const pace = paces.get(sender) ?? new Pace({ ...ASK_PACE, now: clock.monotonic() })
      paces.set(sender, pace)
      const refusal = refusalOf(event, options.isWindow(sender)) ?? refuseArguments(name, args)
      if (refusal === null && pace.take(clock.monotonic())) return answer(name, sender)
      const said = refusal ?? refuse('rate-limited')
      refused('question-refused', { name, window: sender.id, code: said.code })
      return said
    })
  }

  async function answer(name: AskedName, sender: S): Promise<unknown> {
    try {
      return { ok: true, value: await handlers[name](sender) }
    } catch (cause) {
      log('error', 'question-failed', { name, window: sender.id, cause })
      return refuse('internal', 'The kiosk could not do this. Its log says more.')
    }
  }
}

function refusalOf<S extends Sender>(event: AskEvent<S>, isWindow: boolean): Refusal | null {
  const { senderFrame, sender } = event
  const isKnown = isWindow && senderFrame !== null && senderFrame === sender.mainFrame && isOurs(senderFrame.url)
  return isKnown ? null : refuse('forbidden')
}

function refuseArguments(name: AskedName, args: readonly unknown[]): Refusal | null {
  const checked = check(ASKED[name].args, args, 'bad-request')
  return checked.ok ? null : checked
}
