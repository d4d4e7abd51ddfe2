/**
 * What Node can only be told when it starts. The young heap is kept small: left alone it grows to 72 MiB, and as many
 * buffers that nobody needs any more wait in it to be freed. It costs the worker no processor time that could be measured,
 * and a million rows that the API streams no more memory than a few. The packages' `start` and the Dockerfile
 * say the same.
 */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=8']
