import { pinBudgetContract } from '../ports/pin-budget.contract.ts'
import { OwnPinBudget } from './own-pin-budget.ts'

pinBudgetContract('in memory', () => Promise.resolve([new OwnPinBudget(() => Date.now())]))
