import type { Response } from 'express'

/** A long response, to a reader who may be slower than we are. */
export interface Outflow {
  /** Resolves when there is room for more, or when the reader is gone. */
  write(text: string): Promise<void>
  end(): void
}

/** Readers who stop reading lose their connection after `patience`. Make it before the headers are written. */
export function openOutflow(response: Response, patience: number): Outflow {
  let waiting: PromiseWithResolvers<void> | null = null
  const wake = () => {
    expectReading(response, 0)
    waiting?.resolve()
    waiting = null
  }
  // One listener for the whole response: compression hands those for `drain` to a stream that they cannot be taken off.
  response.on('drain', wake)
  response.on('close', wake)
  return {
    async write(text) {
      if (response.destroyed || response.write(text)) return
      waiting ??= Promise.withResolvers()
      expectReading(response, patience)
      await waiting.promise
    },
    end() {
      expectReading(response, patience)
      response.end()
    },
  }
}

/**
 * From now on the connection is closed when nothing moves on it for so long; 0: never. Node sets its own limit again when
 * the response has gone out.
 */
export function expectReading(response: Response, patience: number): void {
  response.socket?.setTimeout(patience)
}
