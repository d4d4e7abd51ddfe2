/**
 * Opaque cursors: the key of the last row of a page, signed. A cursor is bound to its list and project (the `purpose`),
 * so one that was made elsewhere, or by hand, is refused instead of paging through something unexpected.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Problem } from './problem.ts'
import { queryInteger } from './text.ts'

const SIGNATURE_BYTES = 16

export interface Cursors {
  seal(purpose: string, position: readonly (string | number)[]): string
  /** Throws a `validation` problem when the cursor was not made by `seal` for the same purpose. */
  open<T>(purpose: string, cursor: string, position: z.ZodType<T>): T
}

export function createCursors(secret: Uint8Array): Cursors {
  const sign = (purpose: string, text: string) =>
    createHmac('sha256', secret).update(`${purpose}\n${text}`).digest().subarray(0, SIGNATURE_BYTES)
  return {
    seal(purpose, position) {
      const text = JSON.stringify(position)
      return Buffer.concat([sign(purpose, text), Buffer.from(text)]).toString('base64url')
    },
    open(purpose, cursor, position) {
      const bytes = Buffer.from(cursor, 'base64url')
      const text = bytes.subarray(SIGNATURE_BYTES).toString()
      const signature = bytes.subarray(0, SIGNATURE_BYTES)
      const genuine = signature.length === SIGNATURE_BYTES && timingSafeEqual(signature, sign(purpose, text))
      const parsed = genuine ? position.safeParse(JSON.parse(text)) : null
      if (parsed?.success) return parsed.data
      const detail = 'not a cursor of this list; use "next" of the page before, or leave it out to start anew'
      throw new Problem('validation', `cursor: ${detail}`, { errors: [{ in: 'query', pointer: '#/cursor', detail }] })
    },
  }
}

export interface Paging {
  /** Names the list and the project: cursors of one fit no other. */
  readonly purpose: string
  readonly limit: number
  readonly cursor?: string | undefined
}

/**
 * Reads rows in the order of their key: gets the key to start behind (null for the first page) and how many rows to read,
 * one more than are shown, to know whether there is another page.
 */
type Read<T> = (behind: string | null, limit: number) => Promise<readonly T[]>
/** By what a list is sorted: text that no two items share. */
type Key<T> = { readonly of: (item: T) => string; readonly type: z.ZodType<string> }
type Page<T> = { readonly items: readonly T[]; readonly next: string | null }

async function readPageBy<T>(cursors: Cursors, paging: Paging, read: Read<T>, key: Key<T>): Promise<Page<T>> {
  const { purpose, limit, cursor } = paging
  const behind = cursor === undefined ? null : cursors.open(purpose, cursor, z.tuple([key.type]))[0]
  const rows = await read(behind, limit + 1)
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last ? cursors.seal(purpose, [key.of(last)]) : null }
}

/** One page of a list sorted by id. */
export const readPage = <T extends { readonly id: string }>(cursors: Cursors, paging: Paging, read: Read<T>) =>
  readPageBy(cursors, paging, read, { of: ({ id }) => id, type: z.uuid() })

/** One page of a list sorted by another text that no two items share. */
export const readPageByText = <T>(cursors: Cursors, paging: Paging, read: Read<T>, of: Key<T>['of']) =>
  readPageBy(cursors, paging, read, { of, type: z.string() })

/** The two query parameters every list has. */
export const paging = {
  limit: queryInteger({ min: 1, max: 1000 }).default(100).meta({ description: 'Items per page, 1 to 1000.' }),
  cursor: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'The `next` of the page before. Leave it out for the first page.' }),
}

/** A page in a response. */
export function pageOf<T extends z.ZodType>(item: T, name: string) {
  return z
    .strictObject({
      items: z.array(item),
      next: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last one.' }),
    })
    .meta({ id: name })
}
