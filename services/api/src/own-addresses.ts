import { parseAddress } from '@portolan/core/target/address.ts'

/** Where database and queue run, so that scans leave them alone. Loopback is left out: a machine may scan itself. */
export async function ownAddresses(
  urls: readonly string[],
  resolve: (name: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const hosts = new Set(urls.map((url) => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')))
  const found = await Promise.all(
    [...hosts].map((host) => (host === '' || parseAddress(host).ok ? [host] : resolve(host).catch(() => []))),
  )
  return found.flat().filter((address) => parseAddress(address).ok && !/^(127\.|::1$)/.test(address))
}
