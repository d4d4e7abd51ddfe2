/** SQL Server Resolution Protocol, all instances of this host (MS-SQLR section 2.2.2, CLNT_UCAST_EX). */
import type { UdpQuestion } from '../udp-question.ts'

export const mssqlBrowser: UdpQuestion = {
  name: 'mssql-browser',
  ports: [1434],
  datagram: () => Uint8Array.of(3),
  answers: (reply) => reply.length >= 3 && reply[0] === 5,
}
