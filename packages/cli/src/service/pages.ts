import type { Options } from '../command-spec.ts'
import { numberOption } from '../read-options.ts'

type Page<T> = { readonly items: readonly T[]; readonly next: string | null }
type Paging = { readonly limit: number; readonly cursor?: string }

const LARGEST_PAGE = 1000
/** Options for as many as there are. */
export const EVERY: Options = { limit: '10000000' }

/** As many items as `--limit` says (100 unless said), from as many pages as that takes. */
export async function itemsOf<T>(options: Options, page: (paging: Paging) => Promise<Page<T>>): Promise<readonly T[]> {
  const most = numberOption(options, 'limit', { least: 1, most: 10_000_000 }) ?? 100
  const items: T[] = []
  let cursor: string | null = null
  do {
    const limit = Math.min(LARGEST_PAGE, most - items.length)
    const { items: more, next }: Page<T> = await page(cursor === null ? { limit } : { limit, cursor })
    items.push(...more)
    cursor = next
  } while (cursor !== null && items.length < most)
  return items
}
