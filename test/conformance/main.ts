/**
 * `andon conformance --server URL`: whoever writes a server or a client of their own can hold a server against the rules
 * of PROTOCOL.md. It speaks the wire and HTTP and knows nothing else of the server.
 */
import { unreachable } from '../../relay/protocol/rights.ts'
import { parseArguments, type Choice } from './arguments.ts'
import { CASES } from './cases.ts'
import { runCases, type Report } from './run.ts'
import { protocolRules, tableOf } from './rules.ts'

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2))
  return parsed.kind === 'exit' ? parsed.code : await run(parsed.choice)
}

async function run({ target, rules }: Choice): Promise<number> {
  const unknown = rules.find((rule) => !protocolRules().includes(rule))
  if (unknown !== undefined) {
    process.stderr.write(`andon conformance: PROTOCOL.md has no rule ${unknown}\n`)
    return 2
  }
  const chosen = rules.length === 0 ? CASES : CASES.filter((each) => each.rules.some((rule) => rules.includes(rule)))
  const reports = await runCases(chosen, target, (report) => print(lineOf(report)))
  if (rules.length === 0) printTable(reports)
  const count = (kind: Report['outcome']['kind']) => reports.filter(({ outcome }) => outcome.kind === kind).length
  const unseen = count('unseen')
  print(`\n${count('passed')} passed, ${count('failed')} failed${unseen > 0 ? `, ${unseen} not seen` : ''}`)
  return count('failed') === 0 ? 0 : 1
}

function lineOf({ case: { rules, says }, outcome }: Report): string {
  const name = `${rules.join(' ')}  ${says}`
  switch (outcome.kind) {
    case 'passed':
      return `ok      ${name}`
    case 'failed':
      return `NOT OK  ${name}\n        expected: ${outcome.expected}\n        came:     ${outcome.came}`
    case 'unseen':
      return `--      ${name}\n        not seen: ${outcome.why}`
    default:
      return unreachable(outcome)
  }
}

function printTable(reports: readonly Report[]): void {
  print('\nrule  cases  shown')
  for (const { rule, cases, open } of tableOf(CASES)) {
    const own = reports.filter((report) => cases.includes(report.case))
    const unseen = own.flatMap(({ outcome }) => (outcome.kind === 'unseen' ? [outcome.why] : []))
    const failed = own.filter(({ outcome }) => outcome.kind === 'failed').length
    const passed = own.length - failed - unseen.length
    const notes = [...unseen, ...(open === null ? [] : [open])].join('; ')
    const shown = failed > 0 ? `NOT KEPT (${failed} failed)` : passed === 0 ? 'no' : notes === '' ? 'yes' : 'in part'
    print(`${rule.padEnd(6)}${String(cases.length).padEnd(7)}${shown}${notes === '' ? '' : `: ${notes}`}`)
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

// Connections that a failed case left behind keep nothing alive that matters.
process.exit(await main())
