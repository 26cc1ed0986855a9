/** How many rows wait until the hand is away from the list of the view (`held-order.ts`), and what shows them now. */
export interface Waiting {
  readonly count: number
  readonly show: () => void
}
