import { randomBytes } from 'node:crypto'
import { Option, type Command } from 'commander'
import { v7 as uuidv7 } from 'uuid'
import * as v from 'valibot'
import { check } from '../../relay/protocol/check.ts'
import { Segment } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { ROLES } from '../../relay/protocol/record-words.ts'
import type { Role } from '../../relay/protocol/records.ts'
import { line } from '../../relay/protocol/text.ts'
import { Argon2Pins } from '../adapters/argon2-pins.ts'
import { isReservedName, looksLike } from '../core/author-names.ts'
import { sha256 } from '../http/hashes.ts'
import type { Store } from '../ports/store.ts'
import type { AdminContext } from './admin-context.ts'
import { backupCommands } from './backup.ts'
import { machineCommand } from './machines.ts'
import { peopleCommands } from './people.ts'
import { reviewCommand } from './reviews.ts'

/** Four digits are the least the pace of the PIN limiter is made for. */
const MIN_PIN = 4
const MAX_PIN = 64

type DataFlags = {
  readonly data?: string
  readonly config?: string
}
type Rights = {
  readonly role: Role
  readonly areas: string
}

/** `andon admin …`: areas, people and API keys, directly in the data folder of a server that is stopped; sign-outs, backups and reviews of one that runs. */
export function adminCommands(program: Command, context: AdminContext): void {
  const { streams, exit, withStore, readStdin } = context
  const admin = program
    .command('admin')
    .description('areas, people and API keys of a stopped server; backups and reviews of a running one')
  backupCommands(admin, context)
  reviewCommand(admin, context)
  machineCommand(admin, context)
  const onData = (command: Command) =>
    command.option('--data <folder>', 'folder of the database').option('--config <file>', 'configuration file')
  const withRights = (command: Command) =>
    command
      .addOption(new Option('--role <role>', 'what they may do').choices(ROLES).default('operator'))
      .requiredOption('--areas <areas>', 'where, comma-separated; * for everywhere')

  const knownAreas = async (store: Store, list: string): Promise<readonly string[]> => {
    const areas = list
      .split(',')
      .map((area) => area.trim())
      .filter((area) => area !== '')
    const known = await store.areas()
    const unknown = areas.find((area) => area !== '*' && !known.includes(area))
    if (unknown !== undefined) exit(1, `There is no area "${unknown}"; add it with "andon admin area add ${unknown}".`)
    return areas
  }

  /** What is done is told under this name: it must be one person's or one program's, and nobody else's. */
  const mustBeFree = async (store: Store, name: string): Promise<void> => {
    if (isReservedName(name)) exit(2, `"${name}" is what the server calls itself or a device; choose another name.`)
    const person = (await store.operators()).find(({ id }) => looksLike(id, name))
    if (person !== undefined) exit(1, `"${name}" reads like the person "${person.id}"; choose another name.`)
    const key = (await store.apiKeys()).find((known) => looksLike(known.name, name))
    if (key !== undefined) exit(1, `"${name}" reads like the API key "${key.name}"; choose another name.`)
  }

  onData(
    admin.command('area').description('areas of the site').command('add <name>').description('add an area'),
  ).action(async (name: string, flags: DataFlags) => {
    if (!isName(name)) exit(2, `"${name}" is no name of an area: 1 to 64 characters a-z, 0-9 and -.`)
    await withStore(flags, (store) => store.addArea(name))
    streams.out(`Area ${name} is there.`)
  })

  const user = admin.command('user').description('people')
  peopleCommands(user, context)
  withRights(onData(user.command('add <name>').description('add a person')))
    .requiredOption('--pin-stdin', 'read the PIN from standard input, so that it is in no history')
    .action(async (name: string, { role, areas, ...flags }: DataFlags & Rights) => {
      if (!isName(name)) exit(2, `"${name}" is no name of a person: 1 to 64 characters a-z, 0-9 and -.`)
      const pin = (await readStdin()).trim()
      if (pin.length < MIN_PIN || pin.length > MAX_PIN) exit(2, `A PIN has ${MIN_PIN} to ${MAX_PIN} characters.`)
      await withStore(flags, async (store) => {
        if ((await store.operator(name)) !== null) exit(1, `There already is a person "${name}".`)
        await mustBeFree(store, name)
        const covers = await knownAreas(store, areas)
        await store.putOperator({
          id: name,
          role,
          areas: covers,
          pinHash: await new Argon2Pins().hash(pin),
          status: 'active',
        })
      })
      streams.out(`${name} can sign in.`)
    })

  withRights(
    onData(
      admin
        .command('key')
        .description('API keys')
        .command('add <name>')
        .description('make an API key and print it, this once'),
    ),
  ).action(async (name: string, { role, areas, ...flags }: DataFlags & Rights) => {
    const checked = check(line(LIMITS.maxName), name, 'bad-request')
    const keyName = checked.ok ? checked.value : exit(2, `The name of a key: ${checked.message}`)
    const key = `andon_${randomBytes(32).toString('base64url')}`
    await withStore(flags, async (store) => {
      await mustBeFree(store, name)
      await store.putApiKey({
        id: uuidv7(),
        name: keyName,
        hash: sha256(key),
        role,
        areas: await knownAreas(store, areas),
      })
    })
    streams.out(key)
  })
}

function isName(name: string): boolean {
  return v.safeParse(Segment, name).success
}
