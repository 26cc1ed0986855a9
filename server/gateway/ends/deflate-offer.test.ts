import { describe, expect, it } from 'vitest'
import { answerToOffer } from './deflate-offer.ts'

const NO_CONTEXT = { server_no_context_takeover: true, client_no_context_takeover: true }

describe('an offer of permessage-deflate', () => {
  it.each([
    'permessage-deflate',
    // Chromium, and ws.
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=10',
    'x-webkit-frame, permessage-deflate',
    // The second is one that can be kept.
    'permessage-deflate; server_max_window_bits=10, permessage-deflate',
  ])('[Z2] is taken without context: %s', (offer) => expect(answerToOffer(offer)).toEqual(NO_CONTEXT))

  it('[Z2] with the window there is is told so', () => {
    const answer = { ...NO_CONTEXT, server_max_window_bits: 15 }
    expect(answerToOffer('permessage-deflate; server_max_window_bits=15')).toEqual(answer)
    expect(answerToOffer('permessage-deflate;server_max_window_bits="15"')).toEqual(answer)
  })

  it.each([
    undefined,
    '',
    ';;,=',
    'permessage-bzip2',
    'permessage-deflate; server_max_window_bits=10',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; client_max_window_bits=7',
    'permessage-deflate; client_max_window_bits=16',
    'permessage-deflate; client_no_context_takeover=1',
    'permessage-deflate; level=9',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
  ])('[Z2] is declined: %s', (offer) => expect(answerToOffer(offer)).toBeNull())
})
