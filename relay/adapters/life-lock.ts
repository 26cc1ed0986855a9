/** Resolves once the lock is held; it is let go when the page or worker dies, and only then. */
export function holdForLife(locks: Pick<LockManager, 'request'>, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const forever = new Promise<never>(() => undefined)
    locks
      .request(name, () => {
        resolve()
        return forever
      })
      .catch(reject)
  })
}
