/** Machines one window shows at once: each is a subscription, of which a device has 256 for all its windows. */
export const MAX_SHOWN_MACHINES = 128
