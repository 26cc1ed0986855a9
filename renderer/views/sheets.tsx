import { unreachable } from '../../relay/protocol/rights.ts'
import { useApp } from '../state/use-app.ts'
import { AreaSheet } from './area-sheet.tsx'
import { CameraSheet } from './camera-sheet.tsx'
import { ConflictSheet } from './conflict-sheet.tsx'
import { ConnectionSheet } from './connection-sheet.tsx'
import { EquipmentTrendSheet } from './equipment-trend-sheet.tsx'
import { NewOrderSheet } from './new-order-sheet.tsx'
import { OperatorSheet } from './operator-sheet.tsx'
import { OrderSheet } from './order-sheet.tsx'
import { OutboxSheet } from './outbox-sheet.tsx'
import { PhotoSheet } from './photo-sheet.tsx'
import { RaiseSheet } from './raise-sheet.tsx'
import { RejectionSheet } from './rejection-sheet.tsx'
import { RosterSheet } from './roster-sheet.tsx'
import { TalkSheet } from './said-about.tsx'
import { SearchSheet } from './search-sheet.tsx'
import { SignOutEverywhereSheet } from './sign-out-everywhere-sheet.tsx'
import { ValuesSheet } from './values-sheet.tsx'

/** The one open sheet. */
export function Sheets() {
  const sheet = useApp().sheet.value
  if (sheet === null) return null
  switch (sheet.kind) {
    case 'area':
      return <AreaSheet />
    case 'operator':
      return <OperatorSheet />
    case 'sign-out-everywhere':
      return <SignOutEverywhereSheet />
    case 'connection':
      return <ConnectionSheet />
    case 'outbox':
      return <OutboxSheet />
    case 'roster':
      return <RosterSheet />
    case 'values':
      return <ValuesSheet />
    case 'search':
      return <SearchSheet q={sheet.q} />
    case 'camera':
      return <CameraSheet line={sheet.line} />
    case 'photo':
      return <PhotoSheet id={sheet.id} hash={sheet.hash} />
    case 'raise':
      return <RaiseSheet {...sheet} />
    case 'order':
      return <OrderSheet key={sheet.id} {...sheet} />
    case 'new-order':
      return <NewOrderSheet {...sheet} />
    case 'talk':
      return <TalkSheet key={sheet.id} id={sheet.id} />
    case 'trend':
      return <EquipmentTrendSheet key={`${sheet.machine} ${sheet.signal}`} {...sheet} />
    case 'conflict':
      return <ConflictSheet key={sheet.id} id={sheet.id} />
    case 'rejection':
      return <RejectionSheet key={sheet.id} {...sheet} />
    default:
      return unreachable(sheet)
  }
}
