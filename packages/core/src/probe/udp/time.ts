/** Time (RFC 868): any datagram is answered with the seconds since 1900. */
import type { UdpQuestion } from '../udp-question.ts'

export const time: UdpQuestion = { name: 'time', ports: [37], datagram: () => Uint8Array.of(10) }
