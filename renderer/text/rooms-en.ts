/** Words about who is where, and what they do there. */
export const roomsEn = {
  rooms: {
    /** Somebody writes in the chat at this moment, and so many others besides. */
    writing: (name: string, others: number): string => {
      if (others === 0) return `${name} is writing`
      return others === 1 ? `${name} and one other are writing` : `${name} and ${others} others are writing`
    },
    /** Who else looks at what is open here. */
    besides: (names: string): string => `Also open for ${names}`,
  },
}
