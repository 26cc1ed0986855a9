import { environment, loadConfig, type Config } from '../config.ts'
import {
  checkClock,
  checkFolder,
  checkNode,
  checkPackage,
  checkRenderer,
  checkTls,
  fine,
  wrong,
  type Finding,
} from './doctor-checks.ts'
import { checkAddress } from './doctor-address.ts'
import { checkDatabase, databaseTime } from './doctor-database.ts'
import { checkNames } from './doctor-names.ts'
import { checkDirect, checkPostgres, checkRedis } from './doctor-postgres.ts'
import { checkPort } from './doctor-port.ts'
import type { Streams } from './streams.ts'

/** `andon doctor`: what is wrong with this installation, in words. Exit code 1 when something is. Changes nothing. */
export async function doctor(
  { json, url, ...flags }: Readonly<Record<string, unknown>>,
  { out }: Streams,
): Promise<0 | 1> {
  const findings = await examine(flags, typeof url === 'string' ? url : undefined)
  const isWell = findings.every((finding) => finding.ok)
  if (json === true) out(JSON.stringify({ ok: isWell, checks: findings }))
  else for (const finding of findings) out(sentence(finding))
  return isWell ? 0 : 1
}

async function examine(flags: Readonly<Record<string, unknown>>, url: string | undefined): Promise<Finding[]> {
  const node = checkNode(process.versions.node)
  const loaded = loadConfig({ flags, env: environment() })
  if (!loaded.ok)
    return [node, wrong('settings', loaded.message, 'Correct or remove this setting.'), ...(await checkPackages(node))]
  const { config } = loaded
  return [
    node,
    fine('settings', 'Every setting is known and right.'),
    ...(await checkPackages(node)),
    ...(await checkFolder(config.data)),
    ...(await checkStored(node, config)),
    await checkPort(config),
    checkNames(config),
    checkTls(config, Date.now()),
    ...(url === undefined ? [] : await checkAddress(url)),
    checkRenderer(),
    checkClock(Date.now(), databaseTime(config.data)),
  ]
}

/** On a Node that is too old, loading better-sqlite3 would end the doctor, too. */
async function checkPackages(node: Finding): Promise<Finding[]> {
  if (!node.ok) return []
  return [
    await checkPackage('better-sqlite3', async () => {
      const { default: Database } = await import('better-sqlite3')
      new Database(':memory:').close()
    }),
    await checkPackage('argon2', async () => (await import('argon2')).hash('0000', { memoryCost: 1024, timeCost: 2 })),
  ]
}

async function checkStored(node: Finding, { data, database, databaseDirect, redis }: Config): Promise<Finding[]> {
  if (!node.ok) return []
  if (database === null) return [...(await checkDatabase(data))]
  return [
    ...(await checkPostgres(database)),
    ...(databaseDirect === null ? [] : [await checkDirect(databaseDirect)]),
    ...(redis === null ? [] : [await checkRedis(redis)]),
  ]
}

function sentence({ ok, name, says, todo }: Finding): string {
  return `${ok ? '✓' : '✗'} ${name}: ${says}${todo === null ? '' : ` → ${todo}`}`
}
