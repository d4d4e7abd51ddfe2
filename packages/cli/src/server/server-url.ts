import { clean } from '@portolan/core/detect/text.ts'
import { UsageError } from '../exit.ts'

/** `https://scan.example.org/`, with nothing behind the host but a path; without its last slash. */
export function serverUrl(text: string): string {
  // `127.0.0.1:7070` and `host:7070`: what a browser would understand.
  const instead = /^[\w.-]+(?::\d+)?(?:\/|$)/.test(text) ? `write http://${text} or https://${text}` : null
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new UsageError(
      `${JSON.stringify(clean(text))} is not the URL of a service${instead ? `; ${clean(instead)}` : ', such as http://127.0.0.1:7070'}`,
    )
  return url.href.replace(/\/+$/, '')
}
