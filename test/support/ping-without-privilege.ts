/** Run by ping.test.ts: gives up root, then looks for hosts and prints them. */
import { ping } from '#core/engine/ping.ts'
import { parseAddress } from '#core/target/address.ts'
import { pointOf, setOf } from '#core/target/address-set.ts'

const [first = '', count = ''] = process.argv.slice(2)
const parsed = parseAddress(first)
if (!parsed.ok) throw new Error(first)
process.setgroups?.([])
process.setgid?.(65_534)
process.setuid?.(65_534)

const point = pointOf(parsed.value)
const addresses = setOf([{ first: point, last: point + BigInt(Number(count) - 1) }])
const found: [string, string][] = []
for await (const hosts of ping({ addresses, retries: 1, timeout: 150 }, new AbortController().signal))
  for (const { ip, reason } of hosts) found.push([ip, reason])
console.log(JSON.stringify(Object.fromEntries(found.sort())))
