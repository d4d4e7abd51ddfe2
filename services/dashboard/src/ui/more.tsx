type MoreProps = {
  readonly hasNextPage: boolean
  readonly isFetchingNextPage: boolean
  readonly fetchNextPage: () => unknown
}

/** The end of a list that goes on. */
export function More({ of }: { readonly of: MoreProps }) {
  if (!of.hasNextPage) return null
  return (
    <div className="state">
      <button type="button" className="button" disabled={of.isFetchingNextPage} onClick={() => of.fetchNextPage()}>
        {of.isFetchingNextPage ? 'Loading…' : 'Show more'}
      </button>
    </div>
  )
}
