import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bodyText, header, headerAll, htmlTitle, isComplete, parseHttp } from '#core/detect/http-message.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const parse = (text: string) => {
  const response = parseHttp(bytes(text))
  if (response === null) throw new Error('not HTTP')
  return response
}

test('a response, its headers and its body', () => {
  const r = parse(
    'HTTP/1.1 200 OK\r\nServer: a/1\r\nSet-Cookie: x=1\r\nset-cookie: y=2\r\nX-Long: one\r\n  two\r\n\r\nhello',
  )
  expect([r.version, r.status, r.reason]).toEqual(['1.1', 200, 'OK'])
  expect(header(r, 'SERVER')).toBe('a/1')
  expect(headerAll(r, 'Set-Cookie')).toEqual(['x=1', 'y=2'])
  expect(header(r, 'x-long')).toBe('one two')
  expect(bodyText(r)).toBe('hello')
})

test('what is old or cut is put up with, what is not HTTP is refused', () => {
  expect(header(parse('HTTP/1.0 401\nServer: b\n\nx'), 'server')).toBe('b')
  expect(parse('HTTP/1.1 200 OK\r\nServer: cut').status).toBe(200)
  expect(parse('ICY 200 OK\r\nicy-name: radio\r\n\r\n').version).toBe('1.0')
  for (const text of ['', 'HTTP', 'HTTP/1.1 OK', '220 HTTP/1.1 200', '<html>'])
    expect(parseHttp(bytes(text))).toBeNull()
})

test('completeness by length, by chunks, by status', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
  expect([isComplete(bytes(`${head}hell`)), isComplete(bytes(`${head}hello`))]).toEqual([false, true])
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'
  expect([isComplete(bytes(chunked)), isComplete(bytes(`${chunked}0\r\n\r\n`))]).toEqual([false, true])
  expect(isComplete(bytes('HTTP/1.1 204 No Content\r\n\r\n'))).toBe(true)
  expect(isComplete(bytes('HTTP/1.1 200 OK\r\nServer: x\r\n'))).toBe(false)
  expect(bodyText(parse(`${chunked}6;x=y\r\n world\r\n0\r\n\r\n`))).toBe('hello world')
})

test('compressed bodies, damaged ones, and bombs', () => {
  const coded = (encoding: string, body: Uint8Array) =>
    parse(`HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\n\r\n${Buffer.from(body).toString('latin1')}`)
  expect(bodyText(coded('gzip', gzipSync('hello')))).toBe('hello')
  expect(bodyText(coded('gzip', gzipSync('hello hello hello').subarray(0, 20)))).toMatch(/^hello/)
  expect(bodyText(coded('deflate', deflateSync('hello')))).toBe('hello')
  expect(bodyText(coded('deflate', deflateRawSync('hello')))).toBe('hello')
  expect(bodyText(coded('gzip', bytes('nonsense')))).toBe('')
  expect(bodyText(coded('gzip', gzipSync(Buffer.alloc(100_000_000)))).length).toBeLessThanOrEqual(65_536)
})

test('titles', () => {
  expect(htmlTitle('<HTML><TITLE lang=en>\n  R&amp;D &#169; x\t</TITLE>')).toBe('R&D © x')
  expect(htmlTitle('<title>never closed<body>')).toBe('never closed')
  expect(htmlTitle('<p>')).toBeNull()
})
