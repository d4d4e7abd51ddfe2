import assert from 'node:assert/strict'

/** A contiguous slice of positions, [from, to). */
export type Shard = { readonly index: number; readonly from: number; readonly to: number }

/**
 * Cuts 0..total-1 into `count` slices whose sizes differ by at most one; fewer when there are fewer positions than
 * slices, so that none is empty. Lazy: a scan may have millions of shards.
 */
export function* cutInto(total: number, count: number): Generator<Shard> {
  assert(Number.isSafeInteger(total) && total >= 0, 'total must be 0..2^53-1')
  assert(Number.isSafeInteger(count) && count >= 1, 'count must be at least 1')
  const size = Math.floor(total / count)
  const larger = total % count
  let from = 0
  for (let index = 0; from < total; index++) {
    const to = from + size + (index < larger ? 1 : 0)
    yield { index, from, to }
    from = to
  }
}

/** Cuts 0..total-1 into slices of `size` positions; the last may be smaller. */
export function* cutBy(total: number, size: number): Generator<Shard> {
  assert(Number.isSafeInteger(total) && total >= 0, 'total must be 0..2^53-1')
  assert(Number.isSafeInteger(size) && size >= 1, 'size must be at least 1')
  for (let index = 0, from = 0; from < total; index++) {
    const to = total - from > size ? from + size : total
    yield { index, from, to }
    from = to
  }
}
