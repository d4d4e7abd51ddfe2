import { createSocket } from 'node:dgram'

/**
 * What keeps this machine from sending to the address, as the name of the error; null: there is a way. A UDP socket that is
 * connected asks the kernel, and sends nothing.
 */
export async function whatBars(ip: string): Promise<string | null> {
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
