import { version } from '../../package.json'

/**
 * Name of the build whose script runs here, from the script itself: what a server or a relay says of its own build is
 * another matter. Two builds of one version are two builds.
 */
export const BUILD = `${version}+${import.meta.env.ANDON_BUILD ?? 'dev'}`
