import type { Command } from 'commander'
import * as v from 'valibot'
import { printableJson } from '../../relay/protocol/printable.ts'
import { ReviewList } from '../http/review-list.ts'
import type { AdminContext } from './admin-context.ts'
import { callApi } from './api-client.ts'

type Connection = { readonly server: string; readonly key?: string; readonly json?: boolean }

/** `andon admin reviews`: what outboxes did that a person should look at, from a running server. */
export function reviewCommand(
  admin: Command,
  { streams, exit, keyFromEnvironment }: Pick<AdminContext, 'streams' | 'exit' | 'keyFromEnvironment'>,
): void {
  admin
    .command('reviews')
    .description('devices whose waiting commands did not fit what the server knows, oldest first')
    .option('--server <url>', 'address of the server', 'http://127.0.0.1:7070')
    .option('--key <key>', 'API key of an administrator (default: the environment variable ANDON_KEY)')
    .option('--json', 'answer in JSON')
    .action(async ({ server, key = keyFromEnvironment, json }: Connection) => {
      if (key === undefined || key === '') return exit(2, 'An API key is needed: give --key, or set ANDON_KEY.')
      const answer = await callApi({ server, key }, { method: 'GET', path: '/api/admin/reviews' })
      if (!answer.ok) return exit(1, answer.message)
      streams.out(...(json === true ? [printableJson(answer.body)] : inWords(answer.body)))
      return undefined
    })
}

function inWords(body: unknown): readonly string[] {
  const parsed = v.safeParse(ReviewList, body)
  if (!parsed.success) return [printableJson(body)]
  const { reviews, dropped } = parsed.output
  if (reviews.length === 0) return ['Nothing to look at: every outbox fits what the server knows.']
  const lines = reviews.map(({ at, name, device, kind, message }) => `${at}  ${name} (${device})  ${kind}: ${message}`)
  return [...(dropped > 0 ? [`(${dropped} older ones are gone: there were too many.)`] : []), ...lines]
}
