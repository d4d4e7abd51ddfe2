/**
 * A limit that several senders share. The engine's own token buckets (scan, host) stand before it; a worker-wide or
 * cluster-wide limit is an implementation of this, and the slowest wins.
 */
export interface RateGate {
  /**
   * Asks for permission to send up to `wanted` probes now. Resolves with how many may go (1..wanted), after waiting
   * if there is nothing to give. Rejects with the signal's reason when `signal` aborts.
   */
  take(wanted: number, signal: AbortSignal): Promise<number>
}
