import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRpcRecord, parseRpcReply, readOpaque, rpcCall, rpcRecord } from '#core/wire/onc-rpc.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'

const call = rpcCall({ xid: 7, program: 100000, version: 2, procedure: 0 })
const accepted = (status: number, ...rest: number[]) => {
  const writer = new Writer().u32(7).u32(1).u32(0).zeros(8).u32(status)
  for (const word of rest) writer.u32(word)
  return writer.finish()
}

test('a record gives its message back, a cut one gives nothing', () => {
  const record = rpcRecord(call)
  expect(parseRpcRecord(record)).toEqual(call)
  expect(parseRpcRecord(record.subarray(0, 20))).toBeNull()
})

test('every kind of reply is told apart', () => {
  expect(parseRpcReply(accepted(0, 5))).toMatchObject({ xid: 7, status: 'success' })
  expect(parseRpcReply(accepted(1))).toMatchObject({ status: 'program-unavailable' })
  expect(parseRpcReply(accepted(2, 2, 4))).toMatchObject({ status: 'version-mismatch', low: 2, high: 4 })
  expect(parseRpcReply(accepted(5))).toMatchObject({ status: 'system-error' })
  expect(parseRpcReply(new Writer().u32(7).u32(1).u32(1).u32(1).u32(5).finish())).toMatchObject({ status: 'denied' })
  expect(parseRpcReply(accepted(9))).toBeNull()
  expect(parseRpcReply(call)).toBeNull()
})

test('any bytes are parsed or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (tail) => {
      parseRpcReply(new Writer().u32(7).u32(1).u32(0).bytes(tail).finish())
      parseRpcRecord(tail)
      orNull(() => readOpaque(new Reader(tail)))
    }),
  )
})
