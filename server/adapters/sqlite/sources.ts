import type { DeviceId } from '../../../relay/protocol/ids.ts'

/** Which devices came from where, and how many from each source. */
export class Sources {
  readonly #byDevice = new Map<DeviceId, string>()
  readonly #bySource = new Map<string, number>()

  get size(): number {
    return this.#byDevice.size
  }
  get bySource(): ReadonlyMap<string, number> {
    return this.#bySource
  }
  sizeOf(source: string): number {
    return this.#bySource.get(source) ?? 0
  }
  has(id: DeviceId): boolean {
    return this.#byDevice.has(id)
  }
  /** Null when it is not among them. */
  sourceOf(id: DeviceId): string | null {
    return this.#byDevice.get(id) ?? null
  }

  add(id: DeviceId, source: string): void {
    this.delete(id)
    this.#byDevice.set(id, source)
    this.#bySource.set(source, this.sizeOf(source) + 1)
  }

  delete(id: DeviceId): void {
    const source = this.sourceOf(id)
    if (source === null) return
    this.#byDevice.delete(id)
    const left = this.sizeOf(source) - 1
    if (left > 0) this.#bySource.set(source, left)
    else this.#bySource.delete(source)
  }

  clear(): void {
    this.#byDevice.clear()
    this.#bySource.clear()
  }
}
