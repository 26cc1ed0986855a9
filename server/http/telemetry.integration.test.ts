import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { v4 as uuidv4 } from 'uuid'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { telemetryChannel, type MachineRecord, type SeriesPage } from '../../relay/protocol/telemetry.ts'
import { DEVICE, openFloor, problemIn, START, type Floor } from '../testing/http-floor.ts'
import { sha256 } from './hashes.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
  const key = { id: 'k1', name: 'Gateway line 1', hash: sha256('line-1-key'), role: 'operator' as const }
  await floor.store.putApiKey({ ...key, areas: ['line-1'] })
})
afterAll(() => floor.close())

const LINE_1 = { authorization: 'Bearer line-1-key' }
const SAMPLE = { area: 'line-3', machine: 'oven-1', signal: 'heat', value: 180, unit: '°C' }
const iso = (ms: number) => new Date(ms).toISOString()

const post = (body: unknown, headers: Record<string, string> = {}) =>
  floor.call('POST', '/api/telemetry', body, headers)

/** What is live of a machine, key by key. */
const liveOf = (machine: string) => liveFramesOf(machine, ({ value }) => value.value)
const agesOf = (machine: string) => liveFramesOf(machine, ({ ageMs }) => ageMs)

interface LiveFrame {
  readonly key: string
  readonly value: { readonly value: number }
  readonly ageMs: number
}

function liveFramesOf(machine: string, part: (frame: LiveFrame) => number): Readonly<Record<string, number>> {
  const reader = { group: null, deliver: () => {}, isFull: () => false }
  const channel = telemetryChannel('line-3', machine)
  const frames = floor.live.attach(channel, reader, floor.clock.ms)
  floor.live.detach(channel, reader)
  return Object.fromEntries(
    frames.map((bytes) => {
      const frame = JSON.parse(bytes.toString()) as LiveFrame
      return [frame.key, part(frame)]
    }),
  )
}

async function machineOf(id: string): Promise<MachineRecord | undefined> {
  const { machines } = (await floor.call('GET', '/api/equipment?area=line-3')).json<{ machines: MachineRecord[] }>()
  return machines.find((record) => record.id === id)
}

async function history(id: string, query = '', headers: Record<string, string> = {}) {
  const range = `from=${iso(START - 600_000)}&to=${iso(START + 3_600_000)}`
  return floor.call('GET', `/api/telemetry/line-3/${id}/heat?${query === '' ? range : query}`, undefined, headers)
}

describe('samples', () => {
  it('[Y1] [Y3] one of a machine nobody knew makes it known, is live, and is in its history', async () => {
    const response = await post({ ...SAMPLE, label: 'Chamber', limits: { low: 150, high: 200 } })
    expect([response.statusCode, response.json()]).toEqual([202, { taken: 1, refused: [], history: 'kept' }])
    expect(await machineOf('oven-1')).toMatchObject({
      label: 'oven-1',
      simulated: false,
      signals: [{ name: 'heat', unit: '°C', label: 'Chamber', limits: { low: 150, high: 200 } }],
      lastSampleAt: iso(START),
    })
    expect(liveOf('oven-1')).toEqual({ heat: 180 })
    const page = (await history('oven-1')).json<SeriesPage>()
    expect(page).toMatchObject({ unit: '°C', next: null })
    expect(page.points.map(([, ...values]) => values)).toEqual([[180, 180, 180]])
  })

  it('[Y3] values are no commands: only what is new about a machine is one', async () => {
    await post({ ...SAMPLE, machine: 'oven-2' })
    const before = floor.submitted.length
    for (let value = 0; value < 5; value += 1) await post({ ...SAMPLE, machine: 'oven-2', value })
    expect(floor.submitted).toHaveLength(before)
    floor.clock.ms += LIMITS.lastSampleToldMs
    await post({ ...SAMPLE, machine: 'oven-2' })
    expect(floor.submitted.slice(before)).toMatchObject([
      { type: 'machine.describe', data: { machine: 'oven-2', lastSampleAt: iso(floor.clock.ms) } },
    ])
    floor.clock.ms = START
  })

  it('[Y3] a label that changes with every sample is not an event with every sample', async () => {
    await post({ ...SAMPLE, machine: 'oven-3', label: 'a' })
    const before = floor.submitted.length
    for (const label of ['b', 'c', 'd']) await post({ ...SAMPLE, machine: 'oven-3', label })
    expect(floor.submitted).toHaveLength(before)
    floor.clock.ms += 10_000
    await post({ ...SAMPLE, machine: 'oven-3', label: 'e' })
    expect((await machineOf('oven-3'))?.signals[0]?.label).toBe('e')
    floor.clock.ms = START
  })

  it('[Y1] of a batch each is taken or named, and of one key the one measured last is live', async () => {
    const at = (ms: number, value: number) => ({ ...SAMPLE, machine: 'oven-4', at: iso(START + ms), value })
    const response = await post([at(-2_000, 1), { ...SAMPLE, value: 'NaN' }, at(0, 3), at(-1_000, 2), { bad: true }])
    expect(response.statusCode).toBe(207)
    expect(response.json()).toMatchObject({
      taken: 3,
      refused: [
        { index: 1, code: 'bad-sample', message: expect.stringContaining('"value"') },
        { index: 4, code: 'bad-sample' },
      ],
    })
    expect(liveOf('oven-4')).toEqual({ heat: 3 })
    await post(at(-3_000, 0))
    expect(liveOf('oven-4')).toEqual({ heat: 3 })
    expect(
      (await history('oven-4', `from=${iso(START - 5_000)}&to=${iso(START + 5_000)}`)).json<SeriesPage>().points,
    ).toHaveLength(4)
  })

  it('[P5] what was measured earlier is as old as that, and what is too old for its pace is not shown as present', async () => {
    const late = { ...SAMPLE, machine: 'oven-late' }
    await post({ ...late, at: iso(START - 14 * 60_000) })
    expect(liveOf('oven-late')).toEqual({})
    await post({ ...late, value: 181, at: iso(START - 20_000) })
    expect(agesOf('oven-late')).toEqual({ heat: 20_000 })
  })

  it('[P7] a sender whose clock is fast holds up nobody’s later values', async () => {
    await post({ ...SAMPLE, machine: 'oven-fast', at: iso(START + 50_000) })
    await post({ ...SAMPLE, machine: 'oven-fast', value: 20 })
    expect(liveOf('oven-fast')).toEqual({ heat: 20 })
  })

  it.each<[string, unknown, number, string]>([
    ['another unit', { ...SAMPLE, unit: 'K' }, 409, 'unit-mismatch'],
    ['a time an hour off', { ...SAMPLE, at: iso(START - 3_600_000) }, 422, 'timestamp-out-of-range'],
    ['an area that is not', { ...SAMPLE, area: 'line-9' }, 404, 'unknown-area'],
    ['a value that is none', { ...SAMPLE, value: null }, 400, 'bad-sample'],
    ['an empty batch', [], 400, 'bad-request'],
    ['a word', '"hot"', 400, 'bad-sample'],
    ['too many samples', Array.from({ length: LIMITS.maxSamples + 1 }, () => 0), 413, 'frame-too-large'],
  ])('[X1] nothing is taken of %s, and the problem says why', async (_name, body, status, code) => {
    const problem = problemIn(await post(body))
    expect(problem).toMatchObject({ status, code })
  })

  it('[X1] NaN is no JSON, and a number that is too large for it is refused as a value', async () => {
    const raw = (payload: string) =>
      floor.inject({
        method: 'POST',
        url: '/api/telemetry',
        headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json' },
        payload,
      })
    const text = JSON.stringify(SAMPLE)
    expect(problemIn(await raw(text.replace('180', 'NaN')))).toMatchObject({ status: 400, code: 'bad-json' })
    expect(problemIn(await raw(text.replace('180', '1e999')))).toMatchObject({ status: 400, code: 'bad-sample' })
  })

  it('[X1] a key writes to its own areas only', async () => {
    expect(problemIn(await post(SAMPLE, LINE_1))).toMatchObject({ status: 403, code: 'forbidden' })
    expect((await post({ ...SAMPLE, area: 'line-1' }, LINE_1)).statusCode).toBe(202)
    expect(problemIn(await post(SAMPLE, { authorization: 'Bearer nobody' }))).toMatchObject({ code: 'bad-key' })
  })

  it('[X1] a stranger is refused before the body is looked at', async () => {
    const response = await floor.inject({
      method: 'POST',
      url: '/api/telemetry',
      headers: { 'content-type': 'application/json' },
      payload: 'no JSON at all',
    })
    expect(problemIn(response)).toMatchObject({ status: 401, code: 'bad-key' })
  })

  it('[Y4] without its history the floor goes on: values are live, and whoever needs the history is told', async () => {
    const own = await openFloor({}, () => ({
      series: {
        append: () => false,
        keepAnswer: () => Promise.reject(new Error('gone')),
        answer: () => Promise.reject(new Error('gone')),
        read: () => Promise.reject(new Error('gone')),
        counts: () => ({ waiting: 0, lost: 1 }),
        close: () => Promise.resolve(),
      },
    }))
    expect((await own.call('POST', '/api/telemetry', SAMPLE)).statusCode).toBe(202)
    const once = await own.call('POST', '/api/telemetry', SAMPLE, { 'idempotency-key': 'once' })
    expect(problemIn(once)).toMatchObject({ status: 503, code: 'unavailable' })
    expect(problemIn(await own.call('GET', '/api/telemetry/line-3/oven-1/heat'))).toMatchObject({ code: 'unavailable' })
    await own.close()
  })

  it('[Y2] a machine has so many signals and no more, whoever counts', async () => {
    const samples = Array.from({ length: LIMITS.maxSamples }, (_, index) => ({
      ...SAMPLE,
      machine: 'oven-5',
      signal: `s${index}`,
    }))
    const body = (await post(samples)).json<{ taken: number; refused: { code: string }[] }>()
    expect([body.taken, body.refused.length]).toEqual([
      LIMITS.maxSignalsPerMachine,
      LIMITS.maxSamples - LIMITS.maxSignalsPerMachine,
    ])
    expect(new Set(body.refused.map(({ code }) => code))).toEqual(new Set(['too-many-signals']))
    expect(problemIn(await post(samples.slice(-1)))).toMatchObject({ status: 409, code: 'too-many-signals' })
  })

  it('[Y3] two batches that make the same machine known at once make it known once', async () => {
    const before = floor.submitted.length
    const answers = await Promise.all([1, 2, 3].map((value) => post({ ...SAMPLE, machine: 'oven-6', value })))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202])
    const described = floor.submitted
      .slice(before)
      .filter(({ data }) => (data as { signals: unknown[] }).signals.length > 0)
    expect(described).toHaveLength(1)
  })

  it('[X2] the same Idempotency-Key is answered the same and taken once; with another body it is a conflict', async () => {
    const key = { 'idempotency-key': uuidv4() }
    const body = { ...SAMPLE, machine: 'oven-7', value: 1 }
    const [first, second] = await Promise.all([post(body, key), post(body, key)])
    expect([first.statusCode, second.statusCode, second.body]).toEqual([202, 202, first.body])
    const again = await post(body, key)
    expect([again.body, again.headers['idempotent-replayed']]).toEqual([first.body, 'true'])
    expect(problemIn(await post({ ...body, value: 2 }, key))).toMatchObject({
      status: 409,
      code: 'idempotency-conflict',
    })
    expect(liveOf('oven-7')).toEqual({ heat: 1 })
    expect(problemIn(await post(body, { 'idempotency-key': 'ü' })).code).toBe('bad-request')
  })

  it('[X1] ten megabytes are too large, and the problem says how many bytes may be', async () => {
    await floor.app.listen({ port: 0, host: '127.0.0.1' })
    const address = floor.app.server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const headers = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }
      const sent = request({ port: address.port, path: '/api/telemetry', method: 'POST', headers }, (response) => {
        let body = ''
        response.on('data', (data) => (body += String(data)))
        response.on('end', () => resolve({ status: response.statusCode, body }))
      })
      sent.on('error', reject)
      // Without a length in front: the server has to notice while it reads.
      sent.write(`[${' '.repeat(10 * 1024 * 1024)}`)
      sent.end(']')
    })
    expect(answer.status).toBe(413)
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'frame-too-large',
      detail: expect.stringContaining(String(LIMITS.maxTelemetryBytes)),
    })
  })
})

describe('machines', () => {
  const describeMachine = (body: object) => floor.call('POST', '/api/equipment', { area: 'line-3', ...body })

  it('[Y3] are described, and listed by area', async () => {
    const response = await describeMachine({ machine: 'lathe-1', label: 'Lathe 1', simulated: true })
    expect([response.statusCode, response.json()]).toMatchObject([
      200,
      { id: 'lathe-1', label: 'Lathe 1', signals: [] },
    ])
    expect(await machineOf('lathe-1')).toMatchObject({ simulated: true })
    expect((await describeMachine({ machine: 'lathe-1', label: 'Lathe 1' })).json()).toMatchObject({ label: 'Lathe 1' })
    const mine = (await floor.call('GET', '/api/equipment', undefined, LINE_1)).json<{ machines: MachineRecord[] }>()
    expect(new Set(mine.machines.map(({ area }) => area))).toEqual(new Set(['line-1']))
  })

  it('[M7] [Y7] are removed with their signals and live values, their past stays, and a sample makes them known anew', async () => {
    const remove = (headers: Record<string, string> = {}) =>
      floor.call('DELETE', '/api/equipment/line-3/oven-gone', undefined, headers)
    const sample = { ...SAMPLE, machine: 'oven-gone' }
    await post([sample, { ...sample, signal: 'door' }])
    const { room } = floor.machines
    expect(problemIn(await remove(LINE_1))).toMatchObject({ status: 403, code: 'forbidden' })
    const once = { 'idempotency-key': uuidv4() }
    const [first, again] = [await remove(once), await remove(once)]
    expect([first.statusCode, first.json(), again.body]).toEqual([200, { id: 'line-3/oven-gone' }, first.body])
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect([await machineOf('oven-gone'), liveOf('oven-gone')]).toEqual([undefined, {}])
    expect(floor.machines.room).toEqual({ machines: room.machines + 1, signals: room.signals + 2 })
    expect((await history('oven-gone')).json<SeriesPage>().points).toHaveLength(1)
    expect(problemIn(await remove())).toMatchObject({ status: 404, code: 'machine-not-found' })
    expect((await post({ ...sample, unit: 'K' })).statusCode).toBe(202)
    expect((await machineOf('oven-gone'))?.signals).toMatchObject([{ name: 'heat', unit: 'K' }])
  })

  it('[Y7] of the server itself are described, reported and removed by nobody else', async () => {
    floor.machines.reserve(['line-3/host-1'])
    const refusal = {
      status: 403,
      code: 'machine-reserved',
      detail: 'line-3/host-1 is a machine that the server itself reports of; choose another name.',
    }
    expect(problemIn(await post({ ...SAMPLE, machine: 'host-1' }))).toMatchObject(refusal)
    expect(problemIn(await describeMachine({ machine: 'host-1', simulated: false }))).toMatchObject(refusal)
    expect(problemIn(await floor.call('DELETE', '/api/equipment/line-3/host-1'))).toMatchObject(refusal)
    expect(await machineOf('host-1')).toBeUndefined()
  })

  it('[X1] are not described in words nobody knows, or where the key may not', async () => {
    expect(problemIn(await describeMachine({ machine: 'lathe-1', colour: 'red' })).code).toBe('bad-request')
    expect(problemIn(await floor.call('POST', '/api/equipment', { area: 'line-3', machine: 'm' }, LINE_1)).code).toBe(
      'forbidden',
    )
  })
})

describe('history', () => {
  beforeAll(async () => {
    floor.clock.ms = START
    const samples = Array.from({ length: 600 }, (_, index) => ({
      ...SAMPLE,
      machine: 'oven-9',
      at: iso(START - index * 1_000),
      value: index % 10,
    }))
    expect((await post(samples)).statusCode).toBe(202)
  })

  it('[Y5] comes in as many points as were asked for, with lowest, mean and highest', async () => {
    const page = (await history('oven-9', `from=${iso(START - 600_000)}&to=${iso(START)}&points=10`)).json<SeriesPage>()
    expect(page).toMatchObject({ unit: '°C', resolutionMs: 60_000, next: null })
    expect(page.points).toHaveLength(10)
    expect(page.points.every(([, low, mean, high]) => low === 0 && high === 9 && mean > 4 && mean < 5)).toBe(true)
  })

  it.each<[string, string, number, string]>([
    ['from after to', `from=${iso(START)}&to=${iso(START - 1)}`, 400, 'bad-request'],
    ['a range of years', `from=2020-01-01T00:00:00.000Z&to=${iso(START)}`, 400, 'bad-request'],
    ['no point', 'points=0', 400, 'bad-request'],
    ['too many points', 'points=2001', 400, 'bad-request'],
    ['a time that is none', 'from=yesterday', 400, 'bad-request'],
    ['a field nobody knows', 'color=red', 400, 'bad-request'],
  ])('[X1] is not read with %s', async (_name, query, status, code) => {
    expect(problemIn(await history('oven-9', query))).toMatchObject({ status, code })
  })

  it('[X1] of a signal nobody knows is not found', async () => {
    expect(problemIn(await history('oven-none'))).toMatchObject({ status: 404, code: 'signal-not-found' })
    const odd = await floor.call('GET', '/api/telemetry/line-3/Oven/heat')
    expect(problemIn(odd)).toMatchObject({ status: 400, code: 'bad-request' })
  })

  it('[P9] is read by a key, a person or a device, of the areas each may read at this moment', async () => {
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
    const codeOf = async (headers: Record<string, string>) => {
      const response = await history('oven-9', '', headers)
      return response.statusCode === 200 ? 'read' : problemIn(response).code
    }
    expect(await codeOf({})).toBe('read')
    expect(await codeOf(LINE_1)).toBe('forbidden')
    expect(await codeOf(bearer('nonsense'))).toBe('bad-key')
    expect((await floor.inject({ url: '/api/telemetry/line-3/oven-9/heat' })).statusCode).toBe(401)
    // The floor's devices see no area; kim, signed in on one, sees line-3.
    const deviceToken = await floor.tokens.issueDevice(DEVICE)
    expect(await codeOf(bearer(deviceToken))).toBe('forbidden')
    const signedIn = await floor.call(
      'POST',
      '/api/sessions',
      { operator: 'kim', pin: '1111' },
      {
        ...bearer(deviceToken),
        'andon-refresh': 'body',
      },
    )
    const { session, accessToken } = signedIn.json<{ session: SessionId; accessToken: string }>()
    expect(await codeOf(bearer(accessToken))).toBe('read')
    const row = await floor.store.session(session)
    if (row === null) throw new Error('no session')
    await floor.store.putSession({ ...row, status: 'revoked' }, row.refreshHash)
    expect(await codeOf(bearer(accessToken))).toBe('session-revoked')
    floor.clock.ms += 400_000
    expect(await codeOf(bearer(accessToken))).toBe('token-expired')
    floor.clock.ms = START
  })
})

it('[P8] machines, live values and history are among the metrics, and the routes in the description', async () => {
  const { body } = await floor.call('GET', '/metrics')
  for (const name of ['andon_machines', 'andon_live_keys', 'andon_live_withheld', 'andon_history_lost'])
    expect(body).toMatch(new RegExp(`^${name} \\d+$`, 'm'))
  const { paths } = (await floor.call('GET', '/api/openapi.json')).json<{ paths: Record<string, object> }>()
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      '/api/telemetry',
      '/api/telemetry/{area}/{machine}/{signal}',
      '/api/equipment',
      '/api/equipment/{area}/{machine}',
    ]),
  )
})
