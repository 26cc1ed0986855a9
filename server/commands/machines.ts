import type { Command } from 'commander'
import * as v from 'valibot'
import { MachineAddress } from '../../relay/protocol/telemetry.ts'
import type { AdminContext } from './admin-context.ts'
import { callApi } from './api-client.ts'

type Connection = { readonly server: string; readonly key?: string }

/** `andon admin machine remove AREA/ID`: a machine nobody needs any more, away from a running server with its signals. */
export function machineCommand(
  admin: Command,
  { streams, exit, keyFromEnvironment }: Pick<AdminContext, 'streams' | 'exit' | 'keyFromEnvironment'>,
): void {
  admin
    .command('machine')
    .description('machines')
    .command('remove <area/id>')
    .description('remove a machine and its signals; stop what reports of it first, or it comes back')
    .option('--server <url>', 'address of the server', 'http://127.0.0.1:7070')
    .option('--key <key>', 'API key of a supervisor or administrator (default: the environment variable ANDON_KEY)')
    .action(async (name: string, { server, key = keyFromEnvironment }: Connection) => {
      if (key === undefined || key === '') return exit(2, 'An API key is needed: give --key, or set ANDON_KEY.')
      const [area, machine, ...rest] = name.split('/')
      if (!v.is(MachineAddress, { area, machine }) || rest.length > 0)
        return exit(2, `"${name}" is no machine: give its area and its id, like line-3/press-1.`)
      const answer = await callApi({ server, key }, { method: 'DELETE', path: `/api/equipment/${name}` })
      if (!answer.ok) return exit(1, answer.message)
      streams.out(`${name} is removed; its past stays as long as history is kept.`)
      return undefined
    })
}
