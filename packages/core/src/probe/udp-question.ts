/**
 * One UDP question a real server of the protocol answers: what the UDP engine sends to a port, and what the detection
 * module of the same protocol starts with. Built from the protocol's own specification.
 */
export interface UdpQuestion {
  /** Protocol name, = file name. */
  readonly name: string
  /** Ports this question is sent to by the UDP engine. */
  readonly ports: readonly number[]
  /** The datagram. `token` is a 32-bit value to place where the protocol echoes something (transaction id, cookie). */
  datagram(token: number): Uint8Array
  /** Pure: does `reply` answer this question? `token` as given above. Unset: any reply from the asked endpoint does. */
  answers?(reply: Uint8Array, token: number): boolean
}
