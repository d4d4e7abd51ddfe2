/** Versions told in documents made for the purpose: metrics, the interfaces of a product, a file with nothing else. */
import { cpe } from './cpe.ts'
import type { Known } from './fingerprint.ts'
import { bodyText, type HttpResponse } from './http-message.ts'
import { BUILD_INFO_NAMES, type HttpQuestion } from './http-questions.data.ts'
import { matchTitle } from './http-words.ts'

/** What this answer to a question tells of version and, where it is the document's, product. */
export function versionTold(response: HttpResponse, question: HttpQuestion): Known | null {
  return metrics(response) ?? versionOf(response, question)
}

/** metric => `<name>_build_info{...version="1.5.0"...} 1` (Prometheus text format 0.0.4) */
function metrics(response: HttpResponse): Known | null {
  const text = bodyText(response)
  for (const [, prefix = '', version = ''] of text.matchAll(
    /^(\w{1,64}?)_build_info\{[^}\n]{0,300}?\b(?:\1_|git_?)?version="v?([^"\n]{1,64})"/gm,
  )) {
    if (prefix === 'go') continue
    // All parts of Kubernetes call their build the same; this one has metrics of its own name.
    if (prefix === 'kubernetes' && /^kubelet_/m.test(text))
      return {
        product: 'Kubernetes kubelet',
        vendor: 'Kubernetes',
        version,
        cpe: [cpe('a', 'kubernetes', 'kubernetes', version)],
      }
    const product = BUILD_INFO_NAMES[prefix] ?? (prefix.endsWith('_exporter') ? `Prometheus ${prefix}` : null)
    // The page that bears this name knows who makes it.
    if (product !== null) return { ...matchTitle(product), product, version }
  }
  return null
}

/** A document in which the product asked for tells its version, or that is nothing but the version. */
function versionOf(response: HttpResponse, { tells }: HttpQuestion): Known | null {
  const text = response.status === 200 ? bodyText(response).trim() : ''
  const version = tells?.version.exec(text)?.groups?.version
  if (version !== undefined) return { version }
  return /^\d+\.\d+[\w.+-]{0,30}$/.test(text) ? { version: text } : null
}
