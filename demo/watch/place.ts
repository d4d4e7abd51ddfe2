/** Where the demonstration takes place: as root a network of its own, with nothing in it but a loopback that loses packets. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

const INSIDE = '--inside'

/** Percent of the packets to and from the servers. */
const LOSS = 2

export const isInside = (): boolean => process.argv.includes(INSIDE)

/** Whether this machine lets us make one. */
export const canEnter = (): boolean => process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'true']).status === 0

/** Runs this program again, inside; resolves with its exit code. */
export async function enter(): Promise<number> {
  const command = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh', process.execPath, ...process.argv.slice(1)]
  const child = spawn('unshare', ['-n', ...command, INSIDE], { stdio: 'inherit' })
  // From a terminal it comes to both of us; whoever ends only us means both.
  process.on('SIGINT', () => {}).on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = await once(child, 'exit')
  return Number(code ?? 1)
}

/** Has the kernel drop some packets to and from these ports; false where it cannot. Inside only. */
export function losePackets(ports: readonly number[]): boolean {
  const list = `{ ${ports.join(', ')} }`
  const drop = `numgen random mod 100 < ${LOSS} drop`
  const rules = `table inet path {
    chain input { type filter hook input priority 0
      tcp dport ${list} ${drop}
      tcp sport ${list} ${drop}
    }
  }`
  return spawnSync('nft', ['-f', '-'], { input: rules }).status === 0
}

/** In words. */
export function describePlace(lossy: boolean): string {
  if (!isInside()) return 'on the loopback of this machine (as root it would be in a network of its own)'
  const loss = lossy
    ? `${LOSS} % of the packets to and from the servers are lost`
    : 'no packets are lost: nft is missing'
  return `in a network namespace with nothing but loopback; ${loss}`
}
