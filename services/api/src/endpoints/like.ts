/** A pattern in which `*` stands for anything, as one for LIKE. */
export const likeOf = (pattern: string) => pattern.replaceAll(/[\\%_]/g, '\\$&').replaceAll(/\*+/g, '%')
