import { latePart } from '../components/late-part.ts'

/** Parts of the line view that come after it. */
export const VALUE_SPARK = latePart(async () => (await import('../components/value-spark.tsx')).ValueSpark)
export const ALERT_GROUPS = latePart(async () => (await import('./alert-group.tsx')).ALERT_GROUPING)
