/**
 * Protocols whose answers a second module may recognise too, because the bytes do not tell them apart. Each with its
 * reason; the owner of the fixture must be the more confident of the two.
 */
export const OVERLAPS: readonly { readonly module: string; readonly fixtures: string; readonly reason: string }[] = []
