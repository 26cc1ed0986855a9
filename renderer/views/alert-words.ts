import type { AlertRow } from '../../relay/domain/alerts.ts'
import { text } from '../text/text.ts'

/** What an alert is found by in a list. */
export function alertWords({ priority, title, body, area, raised }: AlertRow): readonly (string | null)[] {
  return [priority, title, body, text.areaName(area), raised?.by ?? null, raised?.on ?? null]
}
