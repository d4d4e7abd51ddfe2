import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * Puts everything measured, ours and the peers' alike, before whatever else the machine does. Where the kernel groups
 * processes by session, `nice` only counts within the group; the group has a value of its own, sched(7).
 */
export function takePrecedence(): void {
  try {
    setPriority(-10)
    writeFileSync('/proc/self/autogroup', '-10')
  } catch {
    console.error('measuring at normal priority: what else runs on this machine counts')
  }
}

/**
 * The same for processes that work in `folder`, now and whenever one is added: every process of PostgreSQL makes a session,
 * and so a group, of its own.
 */
export function giveServersPrecedence(folder: string): void {
  const look = () => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
      try {
        if (readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)) writeFileSync(`/proc/${pid}/autogroup`, '-10')
      } catch {
        // Ended meanwhile, or this kernel has no such groups; takePrecedence has said so.
      }
  }
  look()
  setInterval(look, 500).unref()
}
