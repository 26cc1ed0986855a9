/** Words about who is at which terminal, and of its keyboard on the screen. */
export const terminalEn = {
  rooms: {
    /** Somebody writes in the chat at this moment, and so many others besides. */
    writing: (name: string, others: number): string => {
      if (others === 0) return `${name} is writing`
      return others === 1 ? `${name} and one other are writing` : `${name} and ${others} others are writing`
    },
    /** Some names, and how many more people there are. */
    people: (names: string, more: number): string => (more === 0 ? names : `${names} and ${more} more`),
    /** Who else looks at what is open here. */
    besides: (names: string): string => `Also open for ${names}`,
  },

  keyboard: {
    label: 'Keyboard',
    shift: 'Shift',
    erase: 'Erase',
    signs: 'Signs',
    space: 'Space',
    enter: 'Enter',
    close: 'Close keyboard',
    show: 'Keyboard on the screen',
    shown: { on: 'When a field is touched', off: 'Never' },
  },
}
