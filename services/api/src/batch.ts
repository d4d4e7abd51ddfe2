/**
 * Many small questions to the database as few larger ones: what comes while a batch is under way goes into the next
 * one together. Whoever is alone is answered at once; under load a round trip and a commit are shared by many.
 */
export interface BatchOptions {
  /** Items in one batch at most. */
  readonly most?: number
  /** Batches under way at once: while the database works on one, the next is put together. */
  readonly atOnce?: number
}

interface Waiting<In, Out> {
  readonly item: In
  readonly resolve: (result: Out) => void
  readonly reject: (error: unknown) => void
}

/** `work` gives one result per item, in their order. When a batch fails, each item is tried alone, so that one bad item fails alone. */
export function createBatcher<In, Out>(
  work: (items: readonly In[]) => Promise<readonly Out[]>,
  { most = 200, atOnce = 2 }: BatchOptions = {},
): (item: In) => Promise<Out> {
  const queue: Waiting<In, Out>[] = []
  let running = 0
  const settle = async (batch: readonly Waiting<In, Out>[]) => {
    try {
      const results = await work(batch.map(({ item }) => item))
      // because `work` gives one result per item
      batch.forEach(({ resolve }, i) => void resolve(results[i] as Out))
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error)
      else for (const one of batch) await settle([one])
    }
  }
  const run = async () => {
    running++
    // Whatever else arrived in this turn of the event loop comes along.
    await Promise.resolve()
    while (queue.length > 0) await settle(queue.splice(0, most))
    running--
  }
  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Out>()
    queue.push({ item, resolve, reject })
    if (running < atOnce) void run()
    return promise
  }
}
