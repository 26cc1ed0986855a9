import { describe } from 'vitest'
import { conformanceContract, ownCases } from './conformance.contract.ts'

// All of it over the other ways and on PostgreSQL is the matrix (`npm run prove`).
describe('over a WebSocket', () => conformanceContract('ws'))
describe('by a stream', () => ownCases('stream'))
describe('by requests', () => ownCases('poll'))
