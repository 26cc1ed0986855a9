import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { v4 as uuidv4 } from 'uuid'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { telemetryChannel } from '../../relay/protocol/machine-names.ts'
import type { MachineRecord, SeriesPage } from '../../relay/protocol/telemetry.ts'
import { DEVICE, openFloor, problemIn, START, type Floor } from '../testing/http-floor.ts'
import { filledBy } from '../testing/live-fill.ts'
import { sha256 } from './hashes.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
  await floor.store.putApiKey({ ...KEY_1, areas: ['line-1'] })
})
afterAll(() => floor.close())

const LINE_1 = { authorization: 'Bearer line-1-key' }
const KEY_1 = { id: 'k1', name: 'Gateway line 1', hash: sha256('line-1-key'), role: 'operator' as const }
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
  const reader = { group: null, maxHz: 10, deliver: () => {}, isFull: () => false }
  const channel = telemetryChannel('line-3', machine)
  const frames = filledBy(floor.live.attach(channel, reader, floor.clock.ms), floor.clock.ms)
  floor.live.detach(channel, reader)
  return Object.fromEntries(
    frames.map((bytes) => {
      const frame = JSON.parse(bytes) as LiveFrame
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
    // When it reported last is told by a command of its own, a moment later.
    await expect
      .poll(() => machineOf('oven-1'))
      .toMatchObject({
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
      // Nobody said so, and nobody's key is needed for it.
      {
        source: { kind: 'system', timer: null },
        type: 'machine.describe',
        data: { machine: 'oven-2', lastSampleAt: iso(floor.clock.ms) },
      },
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

  it('[P7] a server whose clock was set back goes on showing what comes', async () => {
    const oven = { ...SAMPLE, machine: 'oven-back' }
    onTestFinished(() => void (floor.clock.wallAheadMs = 0))
    await post(oven)
    floor.clock.wallAheadMs = -3_600_000
    await post({ ...oven, value: 190 })
    expect(liveOf('oven-back')).toEqual({ heat: 190 })
    await post({ ...oven, value: 170, at: iso(START - 3_600_000 - 1_000) })
    expect(liveOf('oven-back')).toEqual({ heat: 190 })
  })

  it('[P7] nor is when a machine reported last said by a clock that was set back since', async () => {
    const oven = { ...SAMPLE, machine: 'oven-set-back' }
    onTestFinished(() => void Object.assign(floor.clock, { ms: START, wallAheadMs: 0 }))
    // The store has the clock of this machine, which is right.
    const right = Date.now() - START
    floor.clock.wallAheadMs = right + 3_600_000
    await post(oven)
    await expect.poll(() => machineOf('oven-set-back')).toMatchObject({ lastSampleAt: iso(START + right + 3_600_000) })
    floor.clock.wallAheadMs = right - 120_000
    floor.clock.ms += LIMITS.lastSampleToldMs
    await post(oven)
    const at = iso(START + LIMITS.lastSampleToldMs + right - 120_000)
    await expect.poll(() => machineOf('oven-set-back')).toMatchObject({ lastSampleAt: at })
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

  const raw = (payload: string | Buffer, headers: Record<string, string> = {}) =>
    floor.inject({
      method: 'POST',
      url: '/api/telemetry',
      headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json', ...headers },
      payload,
    })

  it('[Y1] [Y2] a number that JSON does not know costs its own sample and no other of the batch', async () => {
    const text = JSON.stringify({ ...SAMPLE, machine: 'oven-nan' })
    const batch = [text.replace('180', 'NaN'), text, text.replace('180', '-Infinity'), text.replace('180', '1e999')]
    const response = await raw(`[${batch.join(',')}]`)
    expect([response.statusCode, response.json()]).toMatchObject([
      207,
      {
        taken: 1,
        refused: [0, 2, 3].map((index) => ({
          index,
          code: 'bad-sample',
          message: expect.stringContaining('"value" must be a number between'),
        })),
      },
    ])
    expect(liveOf('oven-nan')).toEqual({ heat: 180 })
    expect(problemIn(await raw(text.replace('180', 'NaN')))).toMatchObject({ status: 400, code: 'bad-sample' })
    expect(problemIn(await raw(text.replace('180', 'nan')))).toMatchObject({ status: 400, code: 'bad-json' })
  })

  it('[Y2] bodies may begin with a byte order mark and be gzipped; what inflates beyond the bound is stopped there', async () => {
    const body = JSON.stringify({ ...SAMPLE, machine: 'oven-zip' })
    const zipped = { 'content-encoding': 'gzip' }
    expect((await raw(`\ufeff${body}`)).statusCode).toBe(202)
    expect((await raw(gzipSync(`\ufeff${body}`), zipped)).statusCode).toBe(202)
    const bomb = gzipSync(Buffer.alloc(LIMITS.maxTelemetryBytes + 1, ' '))
    expect(bomb.length).toBeLessThan(2_000)
    expect(problemIn(await raw(bomb, zipped))).toMatchObject({
      status: 413,
      code: 'frame-too-large',
      detail: expect.stringContaining('once it is inflated'),
    })
    const broken = [gzipSync(body).subarray(0, -9), Buffer.from(body)]
    for (const payload of broken) expect(problemIn(await raw(payload, zipped)).code).toBe('bad-request')
    expect(problemIn(await raw(body, { 'content-encoding': 'br' }))).toMatchObject({
      status: 400,
      detail: expect.stringContaining('gzip'),
    })
    expect(problemIn(await raw(Buffer.from(body.replace('heat', '\u00fc'), 'latin1')))).toMatchObject({
      code: 'bad-json',
      detail: expect.stringContaining('UTF-8'),
    })
  })

  it('[Y2] a time may be written with any offset; one that does not exist is no time, and not far from the clock', async () => {
    const at = (time: string) => ({ ...SAMPLE, machine: 'oven-offset', at: time })
    const seoul = iso(START + 9 * 3_600_000 - 1_000)
    for (const offset of ['+09:00', '+0900', '+09']) {
      expect((await post(at(seoul.replace('Z', offset)))).statusCode).toBe(202)
    }
    expect(problemIn(await post(at('2026-02-31T12:00:00Z')))).toMatchObject({
      code: 'bad-sample',
      detail: expect.stringContaining('"at" must be a time like'),
    })
    const range = `from=${encodeURIComponent(seoul.replace('Z', '+09'))}&to=${iso(START)}`
    const { points } = (await history('oven-offset', range)).json<SeriesPage>()
    expect(points.map(([ms]) => ms)).toEqual([START - 1_000])
  })

  it('[Y8] of several samples of one time the last one counts: in history as on the screens', async () => {
    const same = { ...SAMPLE, machine: 'oven-same', at: iso(START) }
    const values = [1, 2, 99, 3, 2, 1]
    expect((await post(values.map((value) => ({ ...same, value })))).json()).toMatchObject({ history: 'kept' })
    const both = async () => [
      liveOf('oven-same')['heat'],
      (await history('oven-same')).json<SeriesPage>().points.map(([, ...point]) => point),
    ]
    expect(await both()).toEqual([1, [[1, 1, 1]]])
    await post({ ...same, value: -999 })
    await post({ ...same, value: 21 })
    expect(await both()).toEqual([21, [[21, 21, 21]]])
  })

  it('[Y8] batches of two senders at once agree with history on which was the last', async () => {
    const sample = { ...SAMPLE, machine: 'oven-race', at: iso(START) }
    await post({ ...sample, value: 0 })
    // The first has so many that the second gets its turn within it, and ends before it.
    const many = Array.from({ length: 1_200 }, (_, index) => ({ ...sample, value: index === 0 ? 1 : 'no number' }))
    const others = Array.from({ length: 600 }, (_, index) => ({ ...sample, value: index === 599 ? 2 : 'no number' }))
    await Promise.all([post(many), post(others)])
    const [, low] = (await history('oven-race')).json<SeriesPage>().points[0] ?? []
    expect(liveOf('oven-race')).toEqual({ heat: low })
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

  it('[X2] while the disk takes no new signal, its 503 is nobody’s answer for ever', async () => {
    let isFull = true
    const own = await openFloor({}, (store) => {
      const submit = store.submit.bind(store)
      const verdict = { kind: 'retry-later', code: 'unavailable', message: 'Full.', afterMs: 1 } as const
      const refused = { verdict, events: [], endedSessions: [] }
      store.submit = (submission) => (isFull ? Promise.resolve(refused) : submit(submission))
      return {}
    })
    const send = (samples: unknown) => own.call('POST', '/api/telemetry', samples, { 'idempotency-key': 'night' })
    expect(problemIn(await send(SAMPLE))).toMatchObject({ status: 503, code: 'unavailable' })
    isFull = false
    const recovered = await send(SAMPLE)
    expect([recovered.statusCode, recovered.headers['idempotent-replayed']]).toEqual([202, undefined])
    expect((await send(SAMPLE)).headers['idempotent-replayed']).toBe('true')
    // Of a batch of which some met trouble nothing is decided either.
    isFull = true
    const batch = [SAMPLE, { ...SAMPLE, machine: 'oven-2' }]
    const half = async () => (await own.call('POST', '/api/telemetry', batch, { 'idempotency-key': 'half' })).statusCode
    expect(await half()).toBe(207)
    isFull = false
    expect(await half()).toBe(202)
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

  it('[X2] what another time decides otherwise is judged anew under the same Idempotency-Key, what is wrong in itself is not', async () => {
    const { ms } = floor.clock
    const send = (name: string, samples: unknown, headers = {}) =>
      post(samples, { 'idempotency-key': name, ...headers })
    const ahead = { ...SAMPLE, machine: 'oven-8', at: iso(ms + LIMITS.maxSampleAheadMs + 3_000) }
    const batch = [{ ...SAMPLE, machine: 'oven-8' }, ahead]
    const unknown = { ...SAMPLE, area: 'line-9' }
    const foreign = { ...SAMPLE, area: 'line-2' }
    const malformed = { ...SAMPLE, value: 'hot' }
    const sendAll = async () => {
      const answers = [
        await send('ahead', ahead),
        await send('batch', batch),
        await send('area', unknown),
        await send('right', foreign, LINE_1),
        await send('form', malformed),
      ]
      return answers.map(
        ({ statusCode, headers }) => `${statusCode} ${String(headers['idempotent-replayed'] ?? 'new')}`,
      )
    }
    expect(await sendAll()).toEqual(['422 new', '207 new', '404 new', '403 new', '400 new'])
    floor.clock.ms = ms + 8_000
    await floor.store.addArea('line-9')
    await floor.store.putApiKey({ ...KEY_1, areas: ['line-1', 'line-2'] })
    expect(await sendAll()).toEqual(['202 new', '202 new', '202 new', '202 new', '400 true'])
    await floor.store.putApiKey({ ...KEY_1, areas: ['line-1'] })
    floor.clock.ms = ms
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
    const deviceToken = floor.deviceToken(DEVICE)
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
    await floor.store.putSession({ ...row, status: 'revoked' }, row)
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
