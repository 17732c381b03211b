import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Screen, styled } from './screen.ts'

/** A screen, and what was written to its two streams. */
function screenOf({ isLive = false, columns }: { isLive?: boolean; columns?: number } = {}) {
  const [out, err] = [new PassThrough(), new PassThrough()].map((stream) => stream.setEncoding('utf8'))
  if (!out || !err) throw new Error('two streams were made')
  const screen = new Screen({ out, err: Object.assign(err, columns === undefined ? {} : { isTTY: true, columns }), isLive })
  const read = (stream: PassThrough): string => String(stream.read() ?? '')
  return { screen, out: () => read(out), err: () => read(err) }
}

test('an order that comes in pieces is none', () => {
  const { screen, out } = screenOf()
  for (const unit of 'a\u001B]52;c;eA==\u0007b\u001B[2Jc\r\nd😀e\r'.split('')) screen.answer(unit)
  screen.endAnswer()
  const text = out()
  expect(text).not.toMatch(/(?!\n)\p{Cc}/u)
  expect(text).toBe('a]52;c;eA==b[2Jc\nd😀e\n')
})

test('what is said in between begins on a line of its own, and long words are not broken', () => {
  const { screen, out, err } = screenOf({ columns: 30 })
  screen.answer('half a line')
  screen.say('!', 'Some words that are longer than the line, and http://127.0.0.1:1234/auth/start/abcdefghij/klmnopq')
  expect(out()).toBe('half a line\n')
  expect(err().split('\n')).toEqual([
    '! Some words that are longer',
    '  than the line, and',
    '  http://127.0.0.1:1234/auth/start/abcdefghij/klmnopq',
    '',
  ])
})

test('what takes two columns is counted twice', () => {
  const { screen, err } = screenOf({ columns: 23 })
  screen.say('·', '日本語 日本語 日本語 日本語')
  expect(err()).toBe('· 日本語 日本語 日本語\n  日本語\n')
})

test('words in a style are made safe before they are styled', () => {
  const { screen, err } = screenOf()
  screen.say('?', styled('bold', 'a\u001B[31mb\u202E'), '\u001B]0;title\u0007c')
  expect(err()).toBe('? abc\n')
})

test('the changing line is taken away by what is said, drawn again below it, and cut by the terminal itself', () => {
  const { screen, err } = screenOf({ isLive: true, columns: 80 })
  screen.live('waiting\nfor \u001B[2Jsomebody')
  screen.say('·', 'meanwhile')
  screen.live('')
  // oxlint-disable-next-line no-control-regex -- colours are there or not, as the environment has it
  expect(err().replaceAll(/\u001B\[\d+m/g, '')).toBe(
    '\r\u001B[2K\u001B[?7lwaiting for somebody\u001B[?7h\r\u001B[2K· meanwhile\n\u001B[?7lwaiting for somebody\u001B[?7h\r\u001B[2K',
  )
})

test('while a prompt draws, nothing else does; then it is said', () => {
  const { screen, err } = screenOf({ isLive: true, columns: 80 })
  const release = screen.hold()
  err()
  screen.live('waiting')
  screen.say('·', 'meanwhile')
  expect(err()).toBe('')
  release()
  expect(err()).toContain('· meanwhile\n')
})
