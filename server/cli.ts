#!/usr/bin/env node
/** The commands of the server: `server`, `alert`, `admin`, `doctor`. `relay/cli.ts` has the rest (build/run.mjs sorts them). */
import { text } from 'node:stream/consumers'
import { Command, CommanderError, Option } from 'commander'
import { adminCommands } from './commands/admin.ts'
import { alertCommands } from './commands/alert.ts'
import { withStore } from './commands/data-store.ts'
import { doctor } from './commands/doctor.ts'
import { CommandFailed, exit } from './commands/exit.ts'
import { serve } from './commands/server.ts'
import { processStreams, taken } from './commands/streams.ts'
import { environment } from './config.ts'
import { flagOf, isSetting, SETTINGS } from './settings.ts'

const streams = processStreams()

/** Runs one command; the result is the exit code: 0 done, 1 it did not work, 2 it was asked wrongly. */
async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('andon').exitOverride().configureOutput({
    outputError: (message) =>
      streams.err(
        message
          .replace(/^error: /, '')
          .trim()
          .replaceAll(/\s*\n\s*/g, ' '),
      ),
  })
  withSettings(program.command('server').description('the central server')).action(
    async (flags: Record<string, unknown>) => {
      code = await serve(flags, streams)
    },
  )
  alertCommands(program, { streams, exit, keyFromEnvironment: environment()['ANDON_KEY'] })
  adminCommands(program, {
    streams,
    exit,
    withStore,
    readStdin: () => text(process.stdin),
    keyFromEnvironment: environment()['ANDON_KEY'],
  })
  withSettings(program.command('doctor').description('what is wrong with this installation, in words'))
    .option('--json', 'answer in JSON')
    .option(
      '--url <url>',
      'address that devices use, through every proxy: is it the server, and does its WebSocket come through',
    )
    .action(async (flags: Record<string, unknown>) => {
      code = await doctor(flags, streams)
    })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommandFailed) {
      streams.err(error.message)
      return error.exitCode
    }
    // Commander has said what was wrong, or shown the help it was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

/** Every setting as a flag. Values stay text here: `loadConfig` reads and judges them, wherever they come from. */
function withSettings(command: Command): Command {
  command.option('--config <file>', 'JSON file of settings')
  for (const [name, { kind, says }] of Object.entries(SETTINGS)) {
    if (!isSetting(name)) continue
    const flag = flagOf(name)
    command.addOption(new Option(kind === 'switch' ? flag : `${flag} <value>`, says))
  }
  return command
}

const args = process.argv.slice(2)
const code = await main(args)
// A person who pages through a long answer is waited for. A server that was told to stop waits for nobody.
if (args[0] !== 'server') await taken(process.stdout, process.stderr)
// Not `process.exitCode`: after a drain nothing may keep the process, whatever a library left running.
process.exit(code)
