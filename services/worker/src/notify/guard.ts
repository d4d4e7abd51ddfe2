import type { Scope } from '@portolan/core/target/guard.ts'

/**
 * Where notifications may go, in the words of the scope guard: any ordinary address, special-purpose ranges only when
 * an entry names them, and never the installation's own database and queue.
 */
export function guardOf(networks: readonly string[], controlPlane: readonly string[]): Scope {
  const allow = ['0.0.0.0/0', '::/0', ...networks].map((cidr) => ({ cidr, expiresAt: null }))
  const deny = controlPlane.map((address) => ({
    cidr: `${address}/${address.includes(':') ? 128 : 32}`,
    reason: 'this installation itself runs there',
  }))
  return { allow, deny }
}
