import { CLOSE } from '../../../relay/protocol/close-codes.ts'
import type { ServerFrame } from '../../../relay/protocol/frames.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { WAY_LIMITS, WAY_PATHS, WAYS } from '../../../relay/protocol/ways.ts'
import { createDevice, helloOf, type WireClient } from '../../support/wire-client.ts'
import { ask, openPoll, openStream, readUntil, type WayAnswer } from '../../support/way-requests.ts'
import type { Case } from '../case.ts'
import { demand, demandEqual, demandThat, Where } from '../expecting.ts'

const ID = new Where(
  'an id of 256 bits',
  (value) => typeof value === 'string' && /^([a-z0-9-]{1,32}\.)?[\w-]{43}$/.test(value),
)
const STREAM = { ways: ['stream'] } as const
const POLL = { ways: ['poll'] } as const
const BOTH = { ways: ['stream', 'poll'] } as const

/** What a client heard up to the event of this line, with it. */
async function heardUntil(client: WireClient, text: string): Promise<readonly ServerFrame[]> {
  const before: ServerFrame[] = []
  for (;;) {
    const event = await client.next('event')
    before.push(event)
    if ((event.data as { readonly text?: string }).text === text) return before
  }
}

/** Of an answer on poll, the kinds of its frames. */
function kinds({ body }: WayAnswer): readonly string[] {
  return (body.frames ?? []).map((frame) => frame.t)
}

function demandProblem(answer: WayAnswer, status: number, code: string): void {
  demandEqual(answer.status, status, `status of ${code}`)
  demand(answer.body, { status, code }, 'a problem')
}

/** Of a device: what a relay says of itself where `challenge.takes` names `ways`. */
const LIFE = 'conformance-life'

export const ways: readonly Case[] = [
  {
    rules: ['N12', 'C8'],
    says: 'a lower attempt of one life is closed with 4409, and displaces nobody',
    async run(visitor) {
      const { client, device } = await visitor.greeted(undefined, { life: LIFE, attempt: 2 })
      const late = visitor.connect()
      const { nonce, takes } = await late.next('challenge')
      demandThat(takes?.includes('ways') === true, '"ways" in challenge.takes', takes)
      late.send({ ...(await helloOf(device, nonce)), life: LIFE, attempt: 1 })
      demand(await late.closed(), { code: CLOSE.replaced.code }, 'a close')
      await visitor.settled(client)
    },
  },
  {
    rules: ['N13'],
    says: 'a trial beside the living link is welcomed with a name and no token, and answers as much as a ping asks for',
    async run(visitor) {
      const { client, device } = await visitor.greeted()
      const trial = visitor.beside(client)
      const welcome = await trial.greet(device, { trial: true })
      demand(welcome, {
        deviceToken: '',
        trial: new Where('a name', (name) => typeof name === 'string' && name !== ''),
      })
      trial.send({ t: 'ping', nonce: 'is it wide', pad: LIMITS.maxPadBytes })
      const { pad, channels } = await trial.next('pong')
      demandEqual([pad?.length, channels], [LIMITS.maxPadBytes, {}], 'characters and channels')
      await visitor.settled(client)
      const other = visitor.connect()
      const { nonce } = await other.next('challenge')
      other.send({ ...(await helloOf(await createDevice(), nonce)), trial: true })
      demand(await other.closed(), { code: CLOSE.greetAgain.code }, 'a close of a trial beside nobody')
    },
  },
  {
    rules: ['N14'],
    says: 'take moves the device to its trial in one step: what was before it comes by the old link, what is after by the new',
    async run(visitor) {
      const { client, device, grant } = await visitor.signedIn()
      client.send({ t: 'subscribe', channel: visitor.chat, credit: 1 })
      await client.next('snapshot')
      for (const way of WAYS) {
        const trial = visitor.beside(client, { way })
        const { trial: link = '' } = await trial.greet(device, { trial: true })
        demandThat(link !== '', 'the name of a trial', link)
        trial.close()
        await trial.closed()
      }
      const next = visitor.beside(client)
      const { trial: link = '' } = await next.greet(device, { trial: true })
      const posts = [1, 2, 3].map((seq) => visitor.post(`conformance move ${seq}`, { seq, session: grant.session }))
      const [first, second, third] = posts
      if (first === undefined || second === undefined || third === undefined) throw new Error('no posts')
      client.send(first)
      client.send({ t: 'take', link })
      next.send(second)
      next.send(third)
      await client.next('taken')
      demand(await client.closed(), { code: CLOSE.normal.code }, 'a close')
      for (const seq of [2, 3]) demand(await next.next('result'), { seq, outcome: 'applied' })
      const texts = [...client.received, ...(await heardUntil(next, 'conformance move 3'))].flatMap((frame) =>
        frame.t === 'event' ? [(frame.data as { readonly text?: string }).text] : [],
      )
      demandEqual(
        texts,
        [1, 2, 3].map((seq) => `conformance move ${seq}`),
        'events, on both links together',
      )
    },
  },
  {
    rules: ['N14'],
    says: 'take of what is no trial of the device is unexpected-frame, and the link goes on',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.send({ t: 'take', link: 'no-such-trial' })
      demand(await client.next('error'), { code: 'unexpected-frame', about: 'take' })
      await visitor.settled(client)
    },
  },
  {
    rules: ['N1', 'N2'],
    says: 'a request without an id opens a poll, and is answered with its id and a challenge',
    ...POLL,
    async run({ target: { url } }) {
      const { first, link } = await openPoll(url)
      demand({ link }, { link: ID })
      demand(first.body, { batch: 1, ack: 1 })
      demandEqual(kinds(first), ['challenge'], 'frames')
      demandEqual(first.headers['cache-control'], 'no-store, no-transform', 'cache-control')
    },
  },
  {
    rules: ['N1', 'N2', 'N8'],
    says: 'a request without an id opens a stream, which is events, beginning with a challenge',
    ...STREAM,
    async run({ target: { url } }) {
      const { response, link, status } = await openStream(url)
      demandEqual(status, 200, 'status')
      demand({ link }, { link: ID })
      demandEqual(response.headers['content-type'], 'text/event-stream', 'content-type')
      demandEqual(response.headers['cache-control'], 'no-store, no-transform', 'cache-control')
      const text = await readUntil(response, '\n\n')
      demandThat(/^data: \{"t":"challenge".*\}\n\n$/.test(text), 'one event with a challenge', text)
      response.destroy()
    },
  },
  {
    rules: ['G6', 'N2'],
    says: "a foreign page's link is refused with 403 bad-origin, as a problem",
    ...BOTH,
    async run({ target: { url, way } }) {
      const headers = { origin: 'https://evil.example' }
      if (way === 'poll') return demandProblem((await openPoll(url, { headers })).first, 403, 'bad-origin')
      const { response, status } = await openStream(url, { headers })
      demandEqual(status, 403, 'status')
      demand(JSON.parse(await readUntil(response, '}')) as object, { code: 'bad-origin' })
      return undefined
    },
  },
  {
    rules: ['N2'],
    says: 'an id that is no living link of this way is unknown-link',
    ...BOTH,
    async run({ target: { url } }) {
      const body = { batch: 1, frames: [] }
      const { link: poll } = await openPoll(url)
      const { link: stream, response } = await openStream(url)
      for (const link of ['', 'guessed', poll])
        demandProblem(await ask(url, WAY_PATHS.frames, { link, body }), 404, 'unknown-link')
      for (const link of ['', 'guessed', stream])
        demandProblem(
          await ask(url, WAY_PATHS.poll, { link, body: { ...body, ack: 0, holdMs: 0 } }),
          404,
          'unknown-link',
        )
      response.destroy()
    },
  },
  {
    rules: ['N3', 'N9'],
    says: 'a batch that cannot be read is bad-batch, and the link is over',
    ...BOTH,
    async run({ target: { url } }) {
      for (const body of ['{', '[]', '{"batch":2}', { batch: 2, frames: [5] }, { batch: 2, frames: [], more: 1 }]) {
        const { link, response } = await openStream(url)
        demandProblem(await ask(url, WAY_PATHS.frames, { link, body }), 409, 'bad-batch')
        const text = await readUntil(response, 'event: close')
        demandThat(text.includes(`"code":${CLOSE.badFrame.code}`), 'the row of a frame that cannot be read', text)
        demandProblem(await ask(url, WAY_PATHS.frames, { link, body: { batch: 1, frames: [] } }), 404, 'unknown-link')
      }
    },
  },
  {
    rules: ['N4', 'N5'],
    says: 'a batch that is sent again is answered again and taken once',
    ...STREAM,
    async run({ target: { url } }) {
      const { link, response } = await openStream(url)
      await readUntil(response, '\n\n')
      const body = { batch: 1, frames: [{ t: 'ping', nonce: 'too-early' }] }
      for (let times = 0; times < 3; times += 1)
        demandEqual((await ask(url, WAY_PATHS.frames, { link, body })).body, { ack: 1 }, 'an acknowledgement')
      await ask(url, WAY_PATHS.frames, { link, body: { batch: 2, frames: [], close: { code: 1000, says: 'enough' } } })
      const text = await readUntil(response, 'event: close')
      demandEqual(text.split('unexpected-frame').length - 1, 1, 'answers to the ping')
    },
  },
  {
    rules: ['N4'],
    says: 'one batch ahead waits for the one before it; two ahead are bad-batch',
    ...STREAM,
    async run({ target: { url } }) {
      const { link, response } = await openStream(url)
      const ahead = ask(url, WAY_PATHS.frames, { link, body: { batch: 2, frames: [] } })
      demand((await ask(url, WAY_PATHS.frames, { link, body: { batch: 1, frames: [] } })).body, {})
      demandEqual((await ahead).body, { ack: 2 }, 'an acknowledgement')
      demandProblem(await ask(url, WAY_PATHS.frames, { link, body: { batch: 5, frames: [] } }), 409, 'bad-batch')
      response.destroy()
    },
  },
  {
    rules: ['N4', 'N6', 'N7'],
    says: 'a batch down comes again until it is acknowledged, whatever is sent again meanwhile',
    ...POLL,
    async run({ target: { url } }) {
      const { link, nonce } = await openPoll(url)
      const hello = await helloOf(await createDevice(), nonce)
      const body = { batch: 2, ack: 1, holdMs: 5_000, frames: [hello] }
      const welcomed = await ask(url, WAY_PATHS.poll, { link, body })
      demandEqual(kinds(welcomed), ['welcome'], 'frames')
      demand(welcomed.body, { batch: 2, ack: 2 })
      const again = await ask(url, WAY_PATHS.poll, { link, body })
      demandEqual(again.body, welcomed.body, 'the same batch')
      const quiet = await ask(url, WAY_PATHS.poll, { link, body: { batch: 3, ack: 2, holdMs: 0, frames: [] } })
      demandEqual(quiet.body, { batch: 3, ack: 3, frames: [] }, 'an empty batch')
      demandProblem(
        await ask(url, WAY_PATHS.poll, { link, body: { batch: 4, ack: 9, holdMs: 0, frames: [] } }),
        409,
        'bad-batch',
      )
    },
  },
  {
    rules: ['N6'],
    says: 'of two requests the older one is answered 204, and the newer one holds',
    ...POLL,
    async run({ target: { url } }) {
      const { link } = await openPoll(url)
      const held = ask(url, WAY_PATHS.poll, { link, body: { batch: 2, ack: 1, holdMs: 60_000, frames: [] } })
      const frames = [{ t: 'ping', nonce: 'too-early' }]
      const newer = await ask(url, WAY_PATHS.poll, { link, body: { batch: 3, ack: 1, holdMs: 60_000, frames } })
      demandEqual((await held).status, 204, 'status of the older one')
      demandEqual(kinds(newer), ['error'], 'frames')
      demand(newer.body, { batch: 2, ack: 3 })
    },
  },
  {
    rules: ['N9'],
    says: 'a relay closes behind its last frames, and then the link is over',
    ...POLL,
    async run({ target: { url } }) {
      const { link } = await openPoll(url)
      const body = { batch: 2, ack: 1, holdMs: 0, frames: [], close: { code: 1000, says: 'enough' } }
      demand((await ask(url, WAY_PATHS.poll, { link, body })).body, { batch: 2, ack: 2, close: { code: 1000 } })
      demandProblem(await ask(url, WAY_PATHS.poll, { link, body }), 404, 'unknown-link')
    },
  },
  {
    rules: ['N10'],
    says: 'a body over the limit is 413 frame-too-large, and the link is over',
    ...BOTH,
    async run({ target: { url } }) {
      const { link, response } = await openStream(url)
      const body = { batch: 1, frames: [{ t: 'x'.repeat(WAY_LIMITS.maxBatchBytes) }] }
      demandProblem(await ask(url, WAY_PATHS.frames, { link, body }), 413, 'frame-too-large')
      const text = await readUntil(response, 'event: close')
      demandThat(text.includes(`"code":${CLOSE.frameTooLarge.code}`), 'the row of a frame that is too large', text)
    },
  },
]
