import { effect, signal, type ReadonlySignal } from '@preact/signals'
import type { CommandCheck } from '../../relay/domain/rejections.ts'

/**
 * The check of commands against the lane table, with all its schemas, which the first load has no room for: loaded once there
 * is something to ask it. `given`: there from the start. Returns the release with it.
 */
export function lateCheck(
  given: CommandCheck,
  isNeeded: ReadonlySignal<boolean>,
): [ReadonlySignal<CommandCheck>, () => void] {
  const check = signal(given)
  const release = effect(() => {
    if (check.value !== null || !isNeeded.value) return
    const load = async (): Promise<void> => {
      check.value = (await import('../../relay/protocol/check.ts')).checkCommand
    }
    // Neither kept nor to be had: what was refused is told all the same, and its text with the next load.
    load().catch(() => undefined)
  })
  return [check, release]
}
