import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bsonCommand, readBson } from '#core/wire/bson.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'

test('a command reads back as written', () => {
  expect(readBson(new Reader(bsonCommand({ hello: 1, $db: 'admin' })))).toEqual({ hello: 1, $db: 'admin' })
})

test('every kind of value keeps its place', () => {
  const inner = new Writer().u32le(12).u8(16).latin1('0\0').u32le(7).u8(0).finish()
  const body = new Writer()
  body
    .u8(1)
    .latin1('d\0')
    .bytes(new Uint8Array(new Float64Array([1.5]).buffer))
  body.u8(4).latin1('list\0').bytes(inner).u8(8).latin1('yes\0').u8(1).u8(9).latin1('date\0').zeros(8)
  body.u8(18).latin1('long\0').u64le(9n).u8(10).latin1('none\0').u8(2).latin1('__proto__\0').u32le(2).latin1('x\0')
  const document = readBson(
    new Reader(
      new Writer()
        .u32le(body.length + 5)
        .bytes(body.finish())
        .u8(0)
        .finish(),
    ),
  )
  expect(Object.entries(document)).toEqual([
    ['d', 1.5],
    ['list', [7]],
    ['yes', true],
    ['date', null],
    ['long', 9],
    ['none', null],
    ['__proto__', 'x'],
  ])
})

test('documents nested deeper than any answer, and any other bytes, are refused', () => {
  let nested: Uint8Array = Uint8Array.of(5, 0, 0, 0, 0)
  for (let i = 0; i < 20; i++)
    nested = new Writer()
      .u32le(nested.length + 8)
      .u8(3)
      .latin1('a\0')
      .bytes(nested)
      .u8(0)
      .finish()
  expect(orNull(() => readBson(new Reader(nested)))).toBeNull()
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void orNull(() => readBson(new Reader(bytes)))))
})
