/** Daytime (RFC 867): any datagram is answered with the date and the time. */
import type { UdpQuestion } from '../udp-question.ts'

export const daytime: UdpQuestion = { name: 'daytime', ports: [13], datagram: () => Uint8Array.of(10) }
