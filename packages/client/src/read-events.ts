/** Server-sent events as they come: the HTML standard, section 9.2, as far as the service uses it. */

export interface ServerEvent {
  readonly event: string
  readonly id: string | null
  readonly data: string
}

/** Characters of one event; a result with a large certificate is some 10 KB. */
const EVENT_CAP = 1024 * 1024

/**
 * Lines of `field: value`, an empty line ends an event, lines that start with a colon are a sign of life. Throws when an
 * event grows beyond the cap. Not every browser can iterate over a stream, hence the reader.
 */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let held = ''
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      held += decoder.decode(value, { stream: true }).replaceAll('\r\n', '\n')
      const blocks = held.split('\n\n')
      held = blocks.pop() ?? ''
      if (held.length > EVENT_CAP) throw new Error('the service sends an event without end')
      for (const block of blocks) {
        const event = parseEvent(block)
        if (event !== null) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** Null: nothing in it for us, as in the first block, which only says when to come back. */
function parseEvent(block: string): ServerEvent | null {
  const fields = block.split('\n').map((line) => /^([^:]+): ?(.*)$/.exec(line))
  const values = (name: string) => fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : []))
  const data = values('data')
  if (data.length === 0) return null
  return { event: values('event')[0] ?? 'message', id: values('id')[0] ?? null, data: data.join('\n') }
}
