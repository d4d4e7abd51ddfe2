/**
 * The grammar of `Server`, `User-Agent` and a hundred look-alikes (RFC 9110 section 10.2.4):
 *
 *   list    => product *( SP ( product / comment ) )
 *   product => token [ "/" version ]
 *   comment => "(" text ")"          nested at most once here
 *
 *   productList('Apache/2.4.57 (Debian) mod_ssl/2.4')
 *     -> [{ name: 'Apache', version: '2.4.57', comment: 'Debian' }, { name: 'mod_ssl', version: '2.4', comment: null }]
 */

export interface ProductToken {
  readonly name: string
  /** As written, without a leading `v`. */
  readonly version: string | null
  /** What stood in brackets behind it. */
  readonly comment: string | null
}

/** More products than any honest header lists. */
const MAX_PRODUCTS = 30

const PART = /\(((?:[^()]|\([^()]*\))*)\)|([^\s()/,;]+)(?:\/([^\s();,]*))?/g

export function productList(text: string): ProductToken[] {
  const list: ProductToken[] = []
  for (const [, comment, name, version] of text.slice(0, 1024).matchAll(PART)) {
    const last = list.at(-1)
    if (name !== undefined) {
      if (list.length === MAX_PRODUCTS) break
      list.push({ name, version: version?.replace(/^v(?=\d)/i, '') || null, comment: null })
    } else if (last !== undefined && last.comment === null)
      list[list.length - 1] = { ...last, comment: comment ?? null }
  }
  return list
}
