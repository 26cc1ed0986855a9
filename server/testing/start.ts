/** When the floor of the HTTP tests begins, epoch milliseconds. Apart, so that a worker thread can know it without the floor. */
export const START = Date.UTC(2026, 10, 20, 6)
