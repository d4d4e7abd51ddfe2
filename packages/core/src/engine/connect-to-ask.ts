import { createSocket } from 'node:dgram'
import { parseAddress } from '#core/target/address.ts'
import { askForWay } from './bound-socket.ts'
import { errnoName } from './errno.ts'
import { hasLibc, openLibc } from './libc.ts'
import { toTarget } from './sockaddr.ts'

/**
 * What keeps this machine from sending to the address, as the name of the error; null: there is a way. A UDP socket that is
 * connected asks the kernel, and sends nothing.
 */
export async function whatBars(ip: string): Promise<string | null> {
  return hasLibc ? askKernel(ip) : askSocket(ip)
}

/** By a call of our own: node:dgram takes ten milliseconds to load, and a scan of one port ninety. */
function askKernel(ip: string): string | null {
  const parsed = parseAddress(ip)
  if (!parsed.ok) return 'EINVAL'
  const { errno } = askForWay(openLibc(), toTarget(parsed.value))
  return errno === 0 ? null : errnoName(errno)
}

async function askSocket(ip: string): Promise<string | null> {
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4')
  try {
    return await new Promise((resolve) => {
      const answer = (error?: NodeJS.ErrnoException) => resolve(error ? (error.code ?? error.message) : null)
      socket.on('error', answer)
      // Any port will do: nothing goes there.
      socket.connect(9, ip, answer as () => void) // because the types leave out that it gets the error
    })
  } finally {
    socket.close()
  }
}
