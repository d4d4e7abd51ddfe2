/** What this machine lets a scanner do. Each judgement is a pure function of what was read, so that all can be tested. */
import { readFile, stat } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { maySendRaw } from '@portolan/core/engine/select-engine.ts'
import { examineNames } from './examine-names.ts'
import { broken, type Finding, fine, poor } from './finding.ts'

const OLDEST_NODE = 24
/** Open sockets of the connect engine, and what else a process holds. */
const ENOUGH_FILES = 4096
const LEAST_FILES = 256

export async function examineMachine(): Promise<readonly Finding[]> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '')
  const [limits, routes4, routes6, made] = await Promise.all([
    read('/proc/self/limits'),
    read('/proc/net/route'),
    read('/proc/net/ipv6_route'),
    stat(fileURLToPath(import.meta.url)),
  ])
  const interfaces = Object.values(networkInterfaces()).flatMap((all = []) => all)
  const linux = process.platform === 'linux'
  return [
    judgeNode(process.versions.node),
    judgePrivileges({ linux, raw: maySendRaw(), node: process.execPath }),
    ...(linux ? [judgeFiles(limits), judgeRoutes({ interfaces, routes4, routes6 })] : []),
    ...(process.platform === 'win32' ? [] : [await examineNames()]),
    judgeClock(Date.now(), made.mtimeMs),
  ]
}

export function judgeNode(version: string): Finding {
  const said = `Node ${version}`
  return Number.parseInt(version, 10) >= OLDEST_NODE
    ? fine('node', said)
    : broken('node', said, `Portolan needs Node ${OLDEST_NODE} or newer`)
}

export type Privileges = { readonly linux: boolean; readonly raw: boolean; readonly node: string }

export function judgePrivileges({ linux, raw, node }: Privileges): Finding {
  const name = 'privileges'
  if (raw) return fine(name, 'raw packets may be sent (CAP_NET_RAW): scans use the syn engine')
  const said = 'raw packets may not be sent: TCP scans use the connect engine, which is slower and shows in logs'
  return linux
    ? poor(
        name,
        said,
        `run with sudo, or once: sudo setcap cap_net_raw+ep ${node}; a container needs --cap-add NET_RAW`,
      )
    : poor(name, said, 'the syn engine needs Linux')
}

/** A line of /proc/self/limits: `Max open files            1024                 1048576              files`. */
export function judgeFiles(limits: string): Finding {
  const name = 'open files'
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1]
  const fix = 'ulimit -n 65536, LimitNOFILE=65536 in a systemd unit, or --ulimit nofile=65536 for a container'
  if (limit === undefined) return poor(name, 'the limit cannot be read', 'mount /proc')
  const files = limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)
  const said = `${limit === 'unlimited' ? 'as many as wanted' : limit} at once`
  if (files >= ENOUGH_FILES) return fine(name, said)
  const judge = files < LEAST_FILES ? broken : poor
  return judge(name, `${said}; the connect engine holds thousands of sockets`, fix)
}

export type Network = {
  readonly interfaces: readonly { readonly address: string; readonly family: string; readonly internal: boolean }[]
  /** /proc/net/route: `iface destination gateway flags ...`, hexadecimal. */
  readonly routes4: string
  /** /proc/net/ipv6_route: `destination prefix-length source ... flags iface`, hexadecimal. */
  readonly routes6: string
}

export function judgeRoutes({ interfaces, routes4, routes6 }: Network): Finding {
  const name = 'routes'
  if (!interfaces.some(({ internal }) => internal)) return broken(name, 'the loopback is down', 'ip link set lo up')
  if (!interfaces.some(({ internal }) => !internal))
    return poor(name, 'only the loopback has addresses: nothing else can be scanned', 'bring an interface up: ip link')
  const has4 = routes4.split('\n').some((line) => /^\S+\s+0{8}\s/.test(line))
  // The kernel always has an unreachable default on lo, which leads nowhere.
  const has6 = routes6.split('\n').some((line) => /^0{32} 00 /.test(line) && !/\slo$/.test(line))
  if (has4 || has6)
    return fine(name, `a default route for ${[has4 && 'IPv4', has6 && 'IPv6'].filter(Boolean).join(' and ')}`)
  return poor(
    name,
    'no default route: only networks this machine is in can be scanned',
    'ip route add default via ROUTER',
  )
}

/** A clock that has never been set starts in the past: certificates and schedules go wrong first. */
export function judgeClock(now: number, installed: number): Finding {
  const said = new Date(now).toISOString()
  if (now >= installed - 86_400_000) return fine('clock', said)
  return broken('clock', `${said}, before Portolan was installed`, 'set it: timedatectl set-ntp true')
}
