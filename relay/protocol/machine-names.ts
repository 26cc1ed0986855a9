import { channelName, type ChannelName } from './channels.ts'

/** Key of a machine's record in `equipment/{area}`. */
export function machineKey(area: string, machine: string): string {
  return `${area}/${machine}`
}

/** The live channel of a machine. */
export function telemetryChannel(area: string, machine: string): ChannelName {
  return channelName('telemetry', area, machine)
}
