import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { TestBrowser, TestDevice, TestPhone } from '@countersign/demo-provider/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { keys } from './pseudo-terminal.ts'
import { terminalStage } from './terminal-stage.ts'

// Each starts the built command.
vi.setConfig({ testTimeout: 60_000 })

test('between pipes the answer alone is on standard output, and it ends with 0', async () => {
  const { piped } = await terminalStage()
  expect(await piped(['--input', 'Hello'])).toEqual({ code: 0, out: 'You said: Hello\n', err: '' })
  expect(await piped([], 'Hello\nyou\n')).toEqual({ code: 0, out: 'You said: Hello\nyou\n', err: '' })
})

test('as JSON, standard output has one event a line, numbered, and nothing else', async () => {
  const { piped } = await terminalStage()
  const { code, out } = await piped(['--json', '--input', 'Hello'])
  const events = out
    .trimEnd()
    .split('\n')
    .map((line): { seq: number; event: { type: string } } => JSON.parse(line))
  expect(code).toBe(0)
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
  // Whether there is time for a delta is chance.
  const types = events.map(({ event }) => event.type).filter((type) => type !== 'token-delta')
  expect(types).toEqual(['run-start', 'reply-start', 'reply-end', 'run-end'])
})

test('in a terminal, a chat goes on until Ctrl-D', async () => {
  const { terminal } = await terminalStage()
  const seat = terminal()
  await seat.sees('› ')
  seat.type(`One${keys.enter}`)
  await seat.sees('You said: One')
  await seat.sees('› ')
  seat.type(`${keys.up}${keys.enter}`)
  await seat.sees('You said: One')
  await seat.sees('› ')
  seat.type(keys.ctrlD)
  expect(await seat.code).toBe(0)
})

test('a sign-in goes through the browser to which the address was given, once', async () => {
  const { terminal, provider } = await terminalStage()
  const seat = terminal(['--no-browser', '--input', 'who_am_i'])
  const [, address = ''] = await seat.sees(/Sign in here:\s+(http:\S+)/)
  const local = new TestBrowser(new URL(address).origin)
  const left = await local.visit(address)
  expect(left.url.origin).toBe(provider.issuer)
  const other = await new TestBrowser(new URL(address).origin).visit(address)
  expect([other.status, other.text.includes('counts once')]).toEqual([403, true])
  const server = new TestBrowser(provider.issuer)
  const consent = await server.submit(await server.visit(left.url), { login: 'Ada Lovelace' })
  const back = await server.submit(consent, { decision: 'allow' })
  const foreign = await new TestBrowser(new URL(address).origin).visit(back.url)
  expect([foreign.status, foreign.text.includes('another browser')]).toEqual([403, true])
  const done = await local.visit(back.url)
  expect([done.status, done.text.includes('Go on in the terminal')]).toEqual([200, true])
  await seat.sees('Signed in at')
  await seat.sees('Done: ok.')
  expect(await seat.code).toBe(0)
  // It lasts.
  const again = terminal(['--no-browser', '--input', 'who_am_i'])
  await again.sees('Done: ok.')
  expect(await again.code).toBe(0)
  expect(again.text).not.toContain('Sign in here')
})

test('the browser is opened with the address as it is, by the system and through no shell', async () => {
  const { terminal, folder } = await terminalStage()
  const opened = await listenOnce()
  writeFileSync(
    join(folder, 'xdg-open'),
    `#!${process.execPath}\nfetch('${opened.url}', { method: 'POST', body: process.argv.slice(2).join('\\n') })`,
    { mode: 0o755 },
  )
  const seat = terminal(['--input', 'who_am_i'], { env: { PATH: `${folder}:${process.env['PATH']}`, DISPLAY: ':9' } })
  const [, address = ''] = await seat.sees(/Sign in here:\s+(http:\S+)/)
  expect(await opened.body).toBe(address)
  seat.type(keys.ctrlC)
  expect(await seat.code).toBe(130)
})

test('the loopback address shows nothing to others, and goes by its own name only', async () => {
  const { terminal } = await terminalStage()
  const seat = terminal(['--no-browser', '--input', 'who_am_i'])
  const [, address = ''] = await seat.sees(/Sign in here:\s+(http:\S+)/)
  const { origin, pathname, port } = new URL(address)
  const status = async (path: string, base = origin): Promise<number> => (await fetch(new URL(path, base), { redirect: 'manual' })).status
  expect(await status(pathname.replace(/[^/]+$/, ''))).toBe(404)
  expect(await status(pathname.replace(/[^/]+$/, 'A'.repeat(43)))).toBe(403)
  expect(await status('/')).toBe(404)
  expect(await status('/health')).toBe(404)
  expect(await status(pathname, `http://localhost:${port}`)).toBe(421)
  expect(await status(pathname)).toBe(302)
  seat.type('c')
  expect(await seat.code).toBe(3)
})

test('a device code is shown with its address, and signs in when it is typed there', async () => {
  const { terminal, provider } = await terminalStage({ signIn: 'device' })
  const seat = terminal(['--input', 'who_am_i'])
  await seat.sees(`Enter this code at ${provider.issuer}`)
  const [, code = ''] = await seat.sees(/\n\s+([A-Z]{4}-[A-Z]{4})\n/)
  await seat.sees(/Waiting for the code · \d+:\d\d left/)
  await (await TestDevice.of(provider.issuer, 'Ada Lovelace')).allow(code)
  await seat.sees('Signed in at')
  await seat.sees('Done: ok.')
  expect(await seat.code).toBe(0)
})

test.each([
  ['approve', { ends: 'Approved on the other device.', answer: 'Done: ok.', end: 0 }],
  ['deny', { ends: 'The request was denied on the other device.', answer: 'Done: refused.', end: 3 }],
] as const)(
  'a request on a phone shows its words while it waits, and ends when it is answered: %s',
  async (decision, { ends, answer, end }) => {
    const { terminal, provider } = await terminalStage()
    const seat = terminal(['--input', 'phone'])
    await seat.sees(/It says {2}ABC-123/)
    await seat.sees(/Waiting for the other device · \d+:\d\d left · asked again (?:in \d+ s|now) · r sends it again · c cancels/)
    const request = await (await TestPhone.of(provider.issuer, 'Ada Lovelace')).nextRequest()
    expect(request.bindingMessage).toContain('ABC-123')
    seat.type('r')
    await seat.sees(/It was sent a moment ago; you can send it again in \d+ s\./)
    await request[decision]()
    await seat.sees(ends)
    await seat.sees(answer)
    expect(await seat.code).toBe(end)
  },
)

test('Ctrl-C while a phone rings ends with 130, and a yes that comes later changes nothing', async () => {
  const { terminal, piped, provider, rows } = await terminalStage()
  const seat = terminal(['--input', 'phone'])
  await seat.sees('Waiting for the other device')
  const request = await (await TestPhone.of(provider.issuer, 'Ada Lovelace')).nextRequest()
  seat.type(keys.ctrlC)
  await seat.sees('Withdrawn')
  expect(await seat.code).toBe(130)
  await request.approve()
  expect(await piped(['--input', 'Hello'])).toMatchObject({ code: 0, out: 'You said: Hello\n' })
  expect((await rows('interactions')).map(({ state }) => state)).toEqual(['cancelled'])
  const runs = (await rows('runs')).map(({ text: said, state }) => [said, state])
  expect(Object.fromEntries(runs)).toEqual({ phone: 'cancelled', Hello: 'done' })
  expect((await rows('calls')).map(({ status }) => status)).not.toContain('ok')
  expect(await rows('credentials')).toEqual([])
})

test('a phone that nobody answers is expiry, and no denial', async () => {
  const { terminal } = await terminalStage({ phone: { requested_expiry_seconds: 1 } })
  const seat = terminal(['--input', 'phone'])
  await seat.sees('Waiting for the other device')
  await seat.sees(/expired|in time/i)
  expect(await seat.code).toBe(4)
})

test('with nobody at the terminal a phone is still asked, and what the terminal would have to answer is cancelled at once', async () => {
  const { piped, provider } = await terminalStage()
  const asked = piped(['--non-interactive', '--input', 'phone'])
  await (await (await TestPhone.of(provider.issuer, 'Ada Lovelace')).nextRequest()).approve()
  expect(await asked).toMatchObject({ code: 0, out: 'Done: ok.\n' })
  for (const said of await Promise.all(['name', 'delete', 'who_am_i'].map((tool) => piped(['--non-interactive', '--input', tool])))) {
    expect(said).toMatchObject({ code: 5, out: expect.stringMatching(/^Done: \w+\.\n$/) })
    expect(said.err).toContain('This needs a person at a terminal, and nobody is here: ')
  }
})

test('an approval shows the tool and its arguments; Enter alone is a no', async () => {
  const { terminal } = await terminalStage()
  const seat = terminal(['--input', 'delete'])
  await seat.sees('delete wants to run (high risk)')
  const again = terminal(['--input', 'delete'])
  await seat.sees('words: ')
  await seat.sees('Enter: confirm')
  seat.type(keys.enter)
  await seat.sees('Denied: delete.')
  await seat.sees('Done: refused.')
  expect(await seat.code).toBe(3)
  await again.sees('Enter: confirm')
  again.type(`${keys.up}${keys.enter}`)
  await again.sees('Done: ok.')
  expect(await again.code).toBe(0)
})

test('Esc declines a question', async () => {
  const { terminal } = await terminalStage()
  const seat = terminal(['--input', 'name'])
  await seat.sees('What is your name?')
  seat.type(keys.escape)
  await seat.sees('Declined.')
  expect(await seat.code).toBe(3)
})

test('Ctrl-C while a question is open cancels the run and withdraws the question', async () => {
  const { terminal, rows } = await terminalStage()
  const seat = terminal(['--input', 'name'])
  await seat.sees('What is your name?')
  seat.type(keys.ctrlC)
  await seat.sees('Withdrawn')
  expect(await seat.code).toBe(130)
  expect((await rows('interactions')).map(({ state }) => state)).toEqual(['cancelled'])
  expect((await rows('runs')).map(({ state }) => state)).toEqual(['cancelled'])
})

test('a message that takes longer than it may is stopped', async () => {
  const { piped } = await terminalStage()
  const said = await piped(['--timeout', '1', '--input', 'phone'])
  expect(said).toMatchObject({ code: 4, out: '' })
  expect(said.err).toContain('The time for this message is over.')
})

test('two at once each have their own database; what the first one left behind when it was killed is ended by the next', async () => {
  const { terminal, rows } = await terminalStage()
  const first = terminal(['--input', 'name'])
  await first.sees('What is your name?')
  const second = terminal(['--input', 'Hello'])
  await second.sees('Another run has the usual database')
  await second.sees('You said: Hello')
  expect(await second.code).toBe(0)
  first.kill()
  await first.code
  const third = terminal(['--input', 'Hello'])
  await third.sees('You said: Hello')
  expect(await third.code).toBe(0)
  expect((await rows('interactions')).map(({ state }) => state)).toEqual(['cancelled'])
})

test('a file with mistakes is refused with all of them, as validate says them', async () => {
  const { piped } = await terminalStage()
  const [mistaken, impossible, empty] = await Promise.all([
    piped(['--input', 'Hello', '--override', 'workflow.llm_name', 'none']),
    piped(['--timeout', 'soon', '--input', 'Hello']),
    piped([], ''),
  ])
  expect(mistaken).toMatchObject({ code: 1, out: '' })
  expect(mistaken.err).toContain('there is no "none" in "llms"')
  expect(impossible).toMatchObject({ code: 2, out: '' })
  expect(empty).toMatchObject({ code: 2, out: '', err: expect.stringContaining('the message is empty') })
})

/** A place to which one thing is sent. */
async function listenOnce(): Promise<{ readonly url: string; readonly body: Promise<string> }> {
  const server = createServer()
  onTestFinished(() => void server.close())
  const body = new Promise<string>((resolve) => {
    server.once('request', (request, response) => {
      response.end()
      resolve(text(request))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, body }
}
