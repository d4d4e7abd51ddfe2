/**
 * Docker publishes a port by a process outside the container, `docker-proxy`, that passes connections on: which container
 * it leads to is what people ask. Its arguments say the address; the container is the one that has it.
 */
import { readdir, readFile } from 'node:fs/promises'
import { parseIPv6 } from '@portolan/core/target/address.ts'

export const PROXY = 'docker-proxy'

/** From /proc/PID/cmdline, whose words end with a NUL; null when it is not said. */
export function addressBehind(commandLine: string): string | null {
  const words = commandLine.split('\0')
  const at = words.indexOf('-container-ip')
  return (at >= 0 && words[at + 1]) || null
}

/** Does a namespace have the address? `trie` is its /proc/PID/net/fib_trie, `inet6` its /proc/PID/net/if_inet6. */
export function hasAddress(address: string, { trie, inet6 }: { readonly trie: string; readonly inet6: string }) {
  const v6 = parseIPv6(address)
  if (v6.ok) return inet6.includes(v6.value.toString(16).padStart(32, '0'))
  const lines = trie.split('\n').map((line) => line.trim())
  return lines.some((line, i) => line === `|-- ${address}` && lines[i + 1] === '/32 host LOCAL')
}

/** The container that has the address, by `containerOf` a process; null when none that can be seen has it. */
export async function containerWith(
  address: string,
  containerOf: (pid: string) => Promise<string | null>,
): Promise<string | null> {
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/net/${file}`, 'utf8').catch(() => '')
  const looked = new Set<string>()
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const container = await containerOf(pid)
    if (container === null || looked.has(container)) continue
    looked.add(container)
    if (hasAddress(address, { trie: await read(pid, 'fib_trie'), inet6: await read(pid, 'if_inet6') })) return container
  }
  return null
}
