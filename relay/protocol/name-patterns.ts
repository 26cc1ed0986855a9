/** How names look; beside the schemas (`ids.ts`, `channel-schema.ts`), because a page knows names and checks nothing else. */

/** The short name of a person, an area or a record key: one segment of a channel name. */
export const SEGMENT = /^[a-z0-9-]{1,64}$/

/** `domain/area[/id]`, each a segment. */
export const CHANNEL_NAME = /^[a-z0-9-]{1,64}\/[a-z0-9-]{1,64}(\/[a-z0-9-]{1,64})?$/
