/** What is stored in the outbox and, for programs, sent as it is: the payload Standard Webhooks asks for. */
import type { News } from '@portolan/core/exposure/news.ts'

export type Message = {
  readonly type: string
  /** ISO 8601: when it happened. */
  readonly timestamp: string
  /** One line. May hold what a scanned host said. */
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A digest names this many; of the others it tells how many there are. */
const MOST_EVENTS = 500

export const messageOf = ({ type, at, text, severity, data }: News): Message => ({
  type,
  timestamp: at,
  text,
  data: severity === null ? data : { ...data, severity },
})

export function digestOf(events: readonly Message[], timestamp: string): Message {
  const omitted = Math.max(0, events.length - MOST_EVENTS)
  const text = events.length === 1 ? (events[0]?.text ?? '') : `${events.length} events`
  return {
    type: 'digest',
    timestamp,
    text,
    data: { count: events.length, omitted, events: events.slice(0, MOST_EVENTS) },
  }
}

/** The messages a digest is made of; of any other message, itself. */
export function eventsOf(message: Message): readonly Message[] {
  const { events } = message.data
  // because digestOf, just above, is the only one who writes this field
  return message.type === 'digest' && Array.isArray(events) ? (events as readonly Message[]) : [message]
}
