import { expect, it } from 'vitest'
import { asMarkdown, asText, type Table } from './table.ts'

const TABLE: Table = {
  title: 'Running',
  columns: [
    { name: 'seconds', better: 'less', digits: 1 },
    { name: 'laps', better: 'more', digits: 0 },
  ],
  rows: [
    { name: 'hare', values: [4, 1000] },
    { name: 'snail', values: [0, null] },
    { name: 'owl', values: [] },
    { name: 'tortoise', values: [6, 2500] },
  ],
  ours: 'tortoise',
  notes: ['It rained.', 'The snail was disqualified.'],
}

it('shows ours over each peer below the rows', () => {
  expect(asText(TABLE).split('\n')).toEqual([
    'Running',
    '                    seconds ↓  laps ↑',
    '  hare                    4.0   1,000',
    '  snail                   0.0       –',
    '  owl                       –       –',
    '  tortoise                6.0   2,500',
    '  tortoise ÷ hare        1.50    2.50',
    '  tortoise ÷ snail          –       –',
    '  tortoise ÷ owl            –       –',
    '  It rained.',
    '  The snail was disqualified.',
    '',
  ])
})

it('gives the same as Markdown, ours in bold', () => {
  expect(asMarkdown(TABLE).split('\n')).toEqual([
    '### Running',
    '',
    '|  | seconds ↓ | laps ↑ |',
    '| --- | ---: | ---: |',
    '| hare | 4.0 | 1,000 |',
    '| snail | 0.0 | – |',
    '| owl | – | – |',
    '| **tortoise** | **6.0** | **2,500** |',
    '| tortoise ÷ hare | 1.50 | 2.50 |',
    '| tortoise ÷ snail | – | – |',
    '| tortoise ÷ owl | – | – |',
    '',
    'It rained. The snail was disqualified.',
    '',
  ])
})
