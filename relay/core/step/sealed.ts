type Plain = string | number | boolean | bigint | symbol | null | undefined

/**
 * A slice in the hands of a part that does not own it: to be read, and to be handed to functions of its owner, which take it
 * as what it is. Whatever would write it is refused by the compiler; only an element of an array that its owner did not
 * declare `readonly`, or of a typed one, could still be replaced by index.
 */
export type Sealed<T> = T extends Plain
  ? T
  : T extends Map<infer K, infer V>
    ? Without<Map<K, Sealed<V>>, ReadonlyMap<K, V>>
    : T extends Set<infer V>
      ? Without<Set<V>, ReadonlySet<V>>
      : T extends (infer E)[]
        ? Without<Sealed<E>[], readonly E[]>
        : T extends ReadonlyMap<infer K, infer V>
          ? ReadonlyMap<K, Sealed<V>>
          : T extends ReadonlySet<unknown> | Uint8Array | Uint32Array
            ? T
            : T extends object
              ? { readonly [K in keyof T]: Sealed<T[K]> }
              : T

/** `T` whose methods that are not those of its readable twin cannot be called. */
type Without<T, Readable> = T & { readonly [K in Exclude<keyof T, keyof Readable>]: never }

/** Hands a slice out for good: from here on only the functions of its part write it. */
export function seal<T>(slice: T): Sealed<T> {
  return slice as Sealed<T>
}
