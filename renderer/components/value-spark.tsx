import type { LineValue } from '../../relay/domain/line-values.ts'
import { useSpark } from '../state/use-spark.ts'
import { Spark } from './spark.tsx'

/** The last half hour of a value, as a line. */
export function ValueSpark({ value }: { readonly value: LineValue }) {
  return <Spark points={useSpark(value)} />
}
