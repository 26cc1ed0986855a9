import { conformanceContract } from './conformance.contract.ts'

conformanceContract('poll')
