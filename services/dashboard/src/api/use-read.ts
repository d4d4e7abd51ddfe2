/** Reading and writing from components. */
import { type QueryKey, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { notify } from '../ui/notices.tsx'
import { queries, take, wordsOf } from './client.ts'

type Answer<T> = Promise<{ readonly data?: T }>

/** Reads, and reads again every so many milliseconds if asked to. */
export function useRead<T>(key: QueryKey, ask: () => Answer<T>, options: { every?: number; enabled?: boolean } = {}) {
  return useQuery({
    queryKey: key,
    queryFn: () => take(ask()),
    enabled: options.enabled ?? true,
    refetchInterval: options.every ?? false,
  })
}

type Page<T> = { readonly items: readonly T[]; readonly next: string | null }

/** A list page by page, as one array. */
export function useList<T>(key: QueryKey, ask: (cursor: string | undefined) => Answer<Page<T>>, every?: number) {
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => take(ask(pageParam)),
    initialPageParam: undefined as string | undefined, // because null would be a cursor, and the type is of all pages
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: every ?? false,
  })
  const items = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  return { ...list, items }
}

/** Does something, says how it went, and lets everything that may have changed be read again. */
export function useAct<I, T>(act: (input: I) => Answer<T>, said?: string) {
  return useMutation({
    mutationFn: (input: I) => take(act(input)),
    onSuccess: async () => {
      if (said) notify(said)
      await queries.invalidateQueries()
    },
    onError: (error) => notify(wordsOf(error).what, 'failed'),
  })
}
