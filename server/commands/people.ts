import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import type { AdminContext } from './admin-context.ts'
import { callApi } from './api-client.ts'

type DataFlags = { readonly data?: string; readonly config?: string }
type Connection = { readonly server: string; readonly key?: string }

/**
 * `andon admin user sign-out|deactivate|activate NAME`. Signing out is done by the server that runs, at once on all devices;
 * the other two directly in the data folder of one that is stopped, whose devices learn of it when they are back.
 */
export function peopleCommands(
  user: Command,
  {
    streams,
    exit,
    withStore,
    keyFromEnvironment,
  }: Pick<AdminContext, 'streams' | 'exit' | 'withStore' | 'keyFromEnvironment'>,
): void {
  user
    .command('sign-out <name>')
    .description('end every session of a person on a running server, on every device')
    .option('--server <url>', 'address of the server', 'http://127.0.0.1:7070')
    .option('--key <key>', 'API key of an administrator (default: the environment variable ANDON_KEY)')
    .action(async (name: string, options: Connection) => {
      const key = options.key ?? keyFromEnvironment
      if (key === undefined || key === '') return exit(2, 'An API key is needed: give --key, or set ANDON_KEY.')
      const path = `/api/operators/${encodeURIComponent(name)}/sign-out`
      const answer = await callApi(
        { server: options.server, key },
        { method: 'POST', path, idempotencyKey: randomUUID() },
      )
      if (!answer.ok) return exit(1, answer.message)
      streams.out(`${name} is signed out on every device; what was not sent yet goes to review.`)
      return undefined
    })

  for (const [verb, status, description, done] of [
    ['deactivate', 'inactive', 'end a person’s sessions and let them sign in no more', 'can no longer sign in'],
    ['activate', 'active', 'let a person sign in again', 'can sign in'],
  ] as const) {
    user
      .command(`${verb} <name>`)
      .description(description)
      .option('--data <folder>', 'folder of the database')
      .option('--config <file>', 'configuration file')
      .action(async (name: string, flags: DataFlags) => {
        await withStore(flags, async (store) => {
          const person = await store.operator(name)
          if (person === null) return exit(1, `There is no person "${name}".`)
          await store.putOperator({ ...person, status })
          return undefined
        })
        streams.out(`${name} ${done}.`)
      })
  }
}
