/** The blocks of addresses that this machine's main routing table has a way to; policy routing may know others. */
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { type Address, parseAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, setOf, spanOfCidr } from '@portolan/core/target/address-set.ts'

/** RTF_UP, and RTF_REJECT: an unreachable route leads nowhere. */
const UP = 0x1
const REJECT = 0x200
const LOOPBACK: Address = { family: 4, value: 0x7f00_0000 }

/** Null where the kernel shows no table: elsewhere than on Linux. */
export async function routedBlocks(): Promise<AddressSet | null> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => null)
  const [v4, v6] = await Promise.all([read('/proc/net/route'), read('/proc/net/ipv6_route')])
  if (v4 === null) return null
  return setOf([spanOfCidr({ address: LOOPBACK, prefix: 8 }), ...own(), ...blocks4(v4), ...blocks6(v6 ?? '')])
}

const own = () =>
  Object.values(networkInterfaces())
    .flatMap((all = []) => all.map(({ address }) => parseAddress(address)))
    .flatMap((parsed) =>
      parsed.ok ? [spanOfCidr({ address: parsed.value, prefix: parsed.value.family === 4 ? 32 : 128 })] : [],
    )

const leads = (flags: string | undefined): boolean => (Number.parseInt(flags ?? '', 16) & (UP | REJECT)) === UP

/** `iface destination gateway flags refcnt use metric mask ...`: addresses as the machine's own numbers, in hexadecimal. */
const blocks4 = (text: string) =>
  text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination = '', , flags, , , , mask = ''] = line.split('\t')
      if (!leads(flags)) return []
      const ones = number4(mask).toString(2).replaceAll('0', '').length
      return [spanOfCidr({ address: { family: 4, value: number4(destination) }, prefix: ones })]
    })

/** Every machine Portolan runs on has the first byte last. */
const number4 = (hex: string): number => Buffer.from(hex, 'hex').reverse().readUInt32BE()

/** `destination prefix source prefix gateway metric refcnt use flags iface`, in hexadecimal. */
const blocks6 = (text: string) =>
  text.split('\n').flatMap((line) => {
    const [destination, prefix = '', , , , , , , flags] = line.trim().split(/\s+/)
    if (!leads(flags)) return []
    return [
      spanOfCidr({ address: { family: 6, value: BigInt(`0x${destination}`) }, prefix: Number.parseInt(prefix, 16) }),
    ]
  })
