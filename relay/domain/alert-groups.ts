import { isUrgent } from '../protocol/record-words.ts'
import type { MachineRecord } from '../protocol/telemetry.ts'
import type { AlertRow } from './alerts.ts'

/** What a short list shows in one place: an alert, or all of a machine behind its name. */
export type AlertEntry =
  | { readonly kind: 'alert'; readonly row: AlertRow }
  | { readonly kind: 'machine'; readonly machine: string; readonly rows: readonly AlertRow[] }

/** So many alerts of a machine are a flood of it. Two tell more as they are, and each is taken with one press. */
export const MACHINE_FLOOD = 3

type NamedMachine = Pick<MachineRecord, 'id' | 'label'>

/**
 * Puts the alerts of each machine that has `MACHINE_FLOOD` of them together, where the first of them stands; the others keep
 * their order. Each P0 and P1 stays by itself.
 */
export function groupAlerts(rows: readonly AlertRow[], machines: readonly NamedMachine[]): readonly AlertEntry[] {
  const found = new Map<string, AlertRow[]>()
  for (const row of rows) {
    const machine = isUrgent(row.priority) ? null : machineOfAlert(row.title, machines)
    if (machine === null) continue
    const held = found.get(machine)
    if (held === undefined) found.set(machine, [row])
    else held.push(row)
  }
  const groups = new Map([...found].filter(([, all]) => all.length >= MACHINE_FLOOD))
  const machineOf = new Map([...groups].flatMap(([machine, all]) => all.map((row) => [row.id, machine] as const)))
  return rows.flatMap((row): readonly AlertEntry[] => {
    const machine = machineOf.get(row.id)
    const group = machine === undefined ? undefined : groups.get(machine)
    if (machine === undefined || group === undefined) return [{ kind: 'alert', row }]
    return group[0] === row ? [{ kind: 'machine', machine, rows: group }] : []
  })
}

/**
 * The machine that a title names, as people call it; null where it names none. A record has no place for it: whoever raises an
 * alert writes it behind a dot, `Oil low · Press 2`, or anywhere in the words.
 */
export function machineOfAlert(title: string, machines: readonly NamedMachine[]): string | null {
  const named = machines
    .filter(({ id, label }) => hasWords(title, label) || hasWords(title, id))
    .map(({ label }) => label)
  // `Press 2 east` before `Press 2`.
  const longest = named.toSorted((a, b) => b.length - a.length)[0]
  const behind = title.lastIndexOf(' · ')
  return longest ?? (behind < 0 ? null : title.slice(behind + 3).trim() || null)
}

/** `words` in `title`, and not as a part of another word: `Press 2` is not in `Press 21`. */
function hasWords(title: string, words: string): boolean {
  if (words === '') return false
  for (let at = title.indexOf(words); at >= 0; at = title.indexOf(words, at + 1)) {
    const around = [title.slice(0, at).at(-1) ?? '', title.slice(at + words.length).at(0) ?? '']
    if (!around.some((letter) => /[\p{L}\p{N}]/u.test(letter))) return true
  }
  return false
}
