/** Hashes and checks PINs; slow on purpose. */
export interface Pins {
  /** PHC string with its own salt and parameters. */
  hash(pin: string): Promise<string>
  /** False for a null hash (nobody of that name) after the same work, so that names cannot be told by timing. */
  verify(hash: string | null, pin: string): Promise<boolean>
}
