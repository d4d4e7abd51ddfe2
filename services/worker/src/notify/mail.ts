import { createTransport } from 'nodemailer'
import type { SendMail } from './deliver.ts'

/** Milliseconds for each step of the conversation with the mail server. */
const TIME = 15_000

export type MailServer = {
  /** smtp: (STARTTLS where it is offered) or smtps:, with user and password where needed. */
  readonly url: string
  readonly from: string
}

export function createMail({ url, from }: MailServer): SendMail {
  const times = { connectionTimeout: TIME, greetingTimeout: TIME, socketTimeout: TIME, dnsTimeout: TIME }
  const transport = createTransport({ url, ...times }, { from })
  return async ({ to, subject, text, id }) => {
    const messageId = `<${id}@${from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '')}>`
    // One mail each: recipients of one subscription need not know of each other.
    for (const recipient of to) await transport.sendMail({ to: recipient, subject, text, messageId })
  }
}
