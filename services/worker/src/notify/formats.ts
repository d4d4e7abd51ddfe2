/** A message in the form each kind of receiver reads. What a scanned host said is in it: escaped for each of them. */
import { clean } from '@portolan/core/detect/text.ts'
import { eventsOf, type Message } from './message.ts'

export type ChatKind = 'slack' | 'teams' | 'discord'

/** Lines of one chat message or e-mail; the rest is counted. */
const MOST_LINES = 30
const LINE = 300

/** One line per event, escaped by `quoted`, and how many there are in all. */
function linesOf(message: Message, quoted: (text: string) => string, most = MOST_LINES): readonly string[] {
  const events = eventsOf(message)
  const lines = events.slice(0, most).map(({ text }) => quoted(clean(text, LINE)))
  const { omitted } = message.data
  const left = events.length - lines.length + (typeof omitted === 'number' ? omitted : 0)
  return left > 0 ? [...lines, `and ${left} more`] : lines
}

/** https://api.slack.com/reference/surfaces/formatting#escaping: three characters, and nothing else means anything. */
const forSlack = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Markdown of Discord and of Adaptive Cards: a backslash makes any punctuation itself. */
const forMarkdown = (text: string) => text.replaceAll(/[\\`*_~|<>[\]()#+\-!@:]/g, '\\$&')

/** The JSON body for a chat's incoming webhook. */
export function chatBody(kind: ChatKind, message: Message): object {
  if (kind === 'slack') {
    // Without mrkdwn, `*` and `_` are themselves.
    return { text: linesOf(message, forSlack).join('\n'), mrkdwn: false, unfurl_links: false, unfurl_media: false }
  }
  if (kind === 'discord') {
    // A message has at most 2000 characters, and an escape may double each.
    const content = linesOf(message, forMarkdown, 12).join('\n').slice(0, 1990)
    return { content, allowed_mentions: { parse: [] } }
  }
  const body = linesOf(message, forMarkdown).map((text) => ({ type: 'TextBlock', text, wrap: true }))
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
  }
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { ...content, body } }],
  }
}

/** Subject and plain text: no HTML, so nothing in it can be. */
export function mailOf(message: Message): { readonly subject: string; readonly text: string } {
  const lines = linesOf(message, (text) => text, 500)
  return { subject: `[Portolan] ${clean(message.text, 150)}`, text: `${lines.join('\n')}\n` }
}
