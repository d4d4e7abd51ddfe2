/** A pattern in which `*` stands for anything, as one for LIKE. */
export const likeOf = (pattern: string) => literally(pattern).replaceAll(/\*+/g, '%')

/** Text as it stands, as a pattern for LIKE. */
export const literally = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&')
