import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnLines } from '#core/format/columns.ts'
import { displayWidth, fitText, wrapText } from '#core/format/display-width.ts'

const SHAPE = [{ title: 'PORT' }, { title: 'NAME', least: 8 }, { title: 'WORDS', least: 12 }, { title: 'ID' }]
const WORDS = 'a web server of some age'
const ROW = ['22/tcp', 'a-name-of-20-letters', WORDS, '0198c0de']

const at = (width: number) => columnLines(SHAPE, [ROW], { width })

test('what fits is as wide as what is in it', () => {
  expect(at(100)).toEqual([
    'PORT    NAME                  WORDS                     ID',
    '22/tcp  a-name-of-20-letters  a web server of some age  0198c0de',
  ])
  expect(at(64)).toEqual(at(Infinity))
})

test('words are cut first, from the widest column; numbers and ids never', () => {
  expect(at(60)).toEqual([
    'PORT    NAME                  WORDS                 ID',
    '22/tcp  a-name-of-20-letters  a web server of som…  0198c0de',
  ])
  expect(at(40)[1]).toBe('22/tcp  a-name-…  a web serve…  0198c0de')
})

test('what does not even fit then is a record, with nothing cut', () => {
  expect(at(39)).toEqual([
    '22/tcp',
    '  NAME   a-name-of-20-letters',
    '  WORDS  a web server of some age',
    '  ID     0198c0de',
  ])
  expect(at(20)).toEqual([
    '22/tcp',
    '  NAME   a-name-of-2',
    '         0-letters',
    '  WORDS  a web',
    '         server of',
    '         some age',
    '  ID     0198c0de',
  ])
})

test('a record names no empty cell, and paints what the table would', () => {
  const paint = (cell: string, row: number, column: number) => `<${row}.${column} ${cell}>`
  const lines = columnLines(SHAPE, [['22/tcp', '', 'one two', 'x']], { width: 15, paint, paintTitle: (t) => `[${t}]` })
  expect(lines).toEqual(['<0.0 22/tcp>', '  [WORDS]  <0.2 one two>', '  [ID]     <0.3 x>'])
})

const cell = fc.string({ unit: 'grapheme', maxLength: 60 })

test('no line is wider than the terminal, and without one nothing is cut', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 200 }), fc.array(fc.tuple(cell, cell, cell, cell)), (width, rows) => {
      const lines = columnLines(SHAPE, rows, { width })
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
      const all = columnLines(SHAPE, rows, { width: Infinity }).join('\n')
      for (const text of rows.flat()) expect(all).toContain(text.trimEnd())
    }),
  )
})

test('wrapping loses nothing but the blanks it breaks at', () => {
  fc.assert(
    fc.property(cell, fc.integer({ min: 2, max: 40 }), (text, width) => {
      const lines = wrapText(text, width)
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
    }),
  )
})

test('wide, combining and coloured characters are measured as a terminal does', () => {
  expect([displayWidth('abc'), displayWidth('日本'), displayWidth('e\u0301'), displayWidth('👍')]).toEqual([3, 4, 1, 2])
  expect(displayWidth('\x1b[31m日\x1b[0m')).toBe(2)
  expect(fitText('日本語の文字', 7)).toBe('日本語…')
  expect(fitText('abc', 3)).toBe('abc')
})

test('an optional column in which nothing is goes on a terminal, and stays in a pipe; paint knows the others by their place', () => {
  const shape = [{ title: 'PORT' }, { title: 'UNIT', optional: true }, { title: 'FLAGS', optional: true }]
  const paint = (cell: string, row: number, column: number) => `${cell}<${row}${column}>`
  const rows = [
    ['22', '', 'wildcard'],
    ['53', '-', ''],
  ]
  expect(columnLines(shape, rows, { width: 80, paint })).toEqual([
    'PORT  FLAGS',
    '22<00>    wildcard<02>',
    '53<10>    <12>',
  ])
  expect(columnLines(shape, rows, { width: Infinity })[0]).toBe('PORT  UNIT  FLAGS')
  expect(columnLines(shape, [['22', 'ssh.service', '']], { width: 80 })[0]).toBe('PORT  UNIT')
})
