import { randomUUID } from 'node:crypto'
import { Option, type Command } from 'commander'
import * as v from 'valibot'
import { printableJson } from '../../relay/protocol/printable.ts'
import { PRIORITIES } from '../../relay/protocol/record-words.ts'
import { AlertRecord } from '../../relay/protocol/records.ts'
import { callApi, type Answer } from './api-client.ts'
import type { Exit } from './exit.ts'
import type { Streams } from './streams.ts'

// A newer server may say more about an alert than this program knows.
const Alert = v.object(AlertRecord.entries)
const Alerts = v.object({ alerts: v.array(Alert), truncated: v.optional(v.boolean()) })
type Alert = v.InferOutput<typeof Alert>

interface Connection {
  readonly server: string
  readonly key?: string
  readonly json?: boolean
}

/** `andon alert raise|ack|resolve|list`: the HTTP API by hand. Exit code 1 with the server's sentence when it says no. */
export function alertCommands(program: Command, { streams, exit, keyFromEnvironment }: AlertContext): void {
  const alert = program.command('alert').description('raise, acknowledge, resolve and list alerts')

  const connected = (command: Command) =>
    command
      .option('--server <url>', 'address of the server', 'http://127.0.0.1:7070')
      .option('--key <key>', 'API key (default: the environment variable ANDON_KEY)')
      .option('--json', 'answer in JSON')

  const run = async (
    options: Connection,
    request: Parameters<typeof callApi>[1],
    show: (answer: Answer & { ok: true }) => readonly string[],
  ) => {
    const key = options.key ?? keyFromEnvironment
    if (key === undefined || key === '') return exit(2, 'An API key is needed: give --key, or set ANDON_KEY.')
    if (!/^https?:\/\//.test(options.server) || !URL.canParse(options.server)) {
      return exit(2, `--server must be an address like http://127.0.0.1:7070, not ${options.server}.`)
    }
    const answer = await callApi({ server: options.server, key }, request)
    if (!answer.ok) return exit(1, answer.message)
    streams.out(...(options.json === true ? [printableJson(answer.body)] : show(answer)))
    return undefined
  }

  connected(alert.command('raise').description('raise an alert'))
    .addOption(new Option('--priority <priority>', 'P0 (evacuate) to P3').choices(PRIORITIES).makeOptionMandatory())
    .requiredOption('--area <area>', 'where, for example line-3')
    .requiredOption('--title <title>', 'what, in a few words')
    .option('--body <text>', 'what to do first')
    .action(
      async ({
        priority,
        area,
        title,
        body,
        ...options
      }: Connection & Record<'priority' | 'area' | 'title', string> & { body?: string }) => {
        const data = { priority, area, title, ...(body !== undefined && { body }) }
        // The key makes a repeat by whatever sits between us and the server harmless.
        await run(
          options,
          { method: 'POST', path: '/api/alerts', body: data, idempotencyKey: randomUUID() },
          ({ body: raised }) => [`Raised ${line(raised)}`],
        )
      },
    )

  for (const [verb, description, done] of [
    ['ack', 'acknowledge an alert in the name of the API key', 'Acknowledged'],
    ['resolve', 'say that the condition of an alert is over', 'Resolved'],
  ] as const) {
    connected(alert.command(`${verb} <id>`).description(description)).action(
      async (id: string, options: Connection) => {
        await run(options, { method: 'POST', path: `/api/alerts/${encodeURIComponent(id)}/${verb}` }, ({ body }) => [
          `${done} ${line(body)}`,
        ])
      },
    )
  }

  connected(alert.command('list').description('active alerts, highest priority first'))
    .option('--area <area>', 'of one area only')
    .addOption(new Option('--priority <priority>', 'of one priority only').choices(PRIORITIES))
    .action(async ({ area, priority, ...options }: Connection & { area?: string; priority?: string }) => {
      const query = new URLSearchParams({
        ...(area !== undefined && { area }),
        ...(priority !== undefined && { priority }),
      })
      const path = query.size === 0 ? '/api/alerts' : `/api/alerts?${query}`
      await run(options, { method: 'GET', path }, ({ body }) => table(body))
    })
}

export interface AlertContext {
  readonly streams: Streams
  readonly exit: Exit
  readonly keyFromEnvironment: string | undefined
}

function table(body: unknown): readonly string[] {
  const parsed = v.safeParse(Alerts, body)
  if (!parsed.success) return [printableJson(body)]
  const { alerts, truncated } = parsed.output
  if (alerts.length === 0) return ['No active alerts.']
  return [...alerts.map(describe), ...(truncated === true ? ['… and more; name an area or a priority.'] : [])]
}

function line(body: unknown): string {
  const parsed = v.safeParse(Alert, body)
  return parsed.success ? describe(parsed.output) : printableJson(body)
}

function describe({ id, priority, area, title, raised, acknowledged, cleared }: Alert): string {
  const state = acknowledged === null ? 'not acknowledged' : `acknowledged by ${acknowledged.by}`
  return `${priority}  ${area}  ${title}  (${cleared === null ? state : `cleared, ${state}`}, raised ${raised.at} by ${raised.by})  ${id}`
}
