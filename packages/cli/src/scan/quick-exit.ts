import { flushCompileCache } from 'node:module'
import { hasLibc, openLibc } from '@portolan/core/engine/libc.ts'

/**
 * Lets this process, once it ends, end at once. Node joins the threads of its compiler first, which takes milliseconds of
 * a scan, and on a busy machine, once in some hundred scans, for ever: https://github.com/nodejs/node/issues/54918
 */
export function exitQuickly(): void {
  if (!hasLibc) return
  process.once('exit', (code) => {
    flushCompileCache()
    try {
      openLibc().exitNow(code)
    } catch {
      // No calls of our own on this system: the scan has said so, and Node's way out is left.
    }
  })
}
