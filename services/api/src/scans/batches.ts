import type { Position } from './result-schema.ts'

/** Rows read at a time. */
const BATCH = 1_000

export interface Batch<T> {
  readonly content: T
  /** Where the next one starts; null: there is none. */
  readonly last: Position | null
}

/** One batch after the other; the next is being read while the consumer works on this one. */
export async function* batches<T>(
  read: (after: Position | null, limit: number) => Promise<Batch<T>>,
): AsyncGenerator<T> {
  let next: Promise<Batch<T>> | null = read(null, BATCH)
  while (next !== null) {
    const { content, last }: Batch<T> = await next
    next = last === null ? null : read(last, BATCH)
    // A consumer that leaves early does not ask how this one went.
    next?.catch(() => {})
    yield content
  }
}
