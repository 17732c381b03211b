import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Frame } from 'playwright'
import { expect, onTestFinished, test } from 'vitest'
import { ADA, type Person, signIn } from './person.ts'
import { signInRows } from './rows.ts'
import { type Stage, theatre } from './stage.ts'

const openStage = theatre()

test('no page of ours appears in a frame of another site: not the chat, not a sign-in, not a callback', async () => {
  const { stage, person } = await openChat()
  await person.ask()
  const addresses = [`${stage.origin}/`, await person.startUrl(), `${stage.origin}/auth/redirect?state=x`, `${stage.origin}/nothing`]
  const site = await foreignPage(addresses.map((address) => `<iframe src="${address}"></iframe>`).join(''))
  // Another port of the same host: its requests bring our cookies, so nothing but our headers keeps the frames empty.
  await person.page.goto(site)
  const frames = person.page.frames().filter((frame) => frame !== person.page.mainFrame())
  expect(frames).toHaveLength(addresses.length)
  for (const frame of frames) expect(await textOf(frame)).not.toMatch(/Simple auth|sign-in|nothing here/i)
})

test('a whole sign-in violates none of our policies, in the chat and in its window', async () => {
  const { stage, person } = await openChat()
  const violations: string[] = []
  await person.context.exposeFunction('noteViolation', (violation: string) => violations.push(violation))
  await person.context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, documentURI }) => {
      // Put there by the test.
      ;(globalThis as unknown as { noteViolation(violation: string): void }).noteViolation(
        `${violatedDirective} ${blockedURI} ${documentURI}`,
      )
    })
  })
  await person.page.reload()
  await person.page.getByRole('textbox').waitFor()
  const popup = await person.askAndOpen()
  await signIn(popup)
  await person.hears(ADA)
  const stray = await person.context.newPage()
  await stray.goto(`${stage.origin}/auth/redirect?state=x`)
  await stray.getByRole('heading').waitFor()
  expect(violations.filter((violation) => violation.includes(stage.origin))).toEqual([])
  expect((await stage.evidence.at('console error')).filter((line) => /polic/i.test(line))).toEqual([])
})

test.each(['/', '/auth/redirect?state=x'])('on %s no text becomes markup or script, whoever asks for it', async (path) => {
  const { stage, person } = await openChat()
  await person.page.goto(`${stage.origin}${path}`)
  const attempts = await person.page.evaluate(() => {
    const errorOf = (attempt: () => unknown): string => {
      try {
        attempt()
        return 'done'
      } catch (error) {
        return error instanceof Error ? error.name : String(error)
      }
    }
    const script = document.createElement('script')
    return [
      errorOf(() => (document.body.innerHTML = '<b>bold</b>')),
      errorOf(() => (script.text = 'document.title = "taken"')),
      errorOf(() => document.write('<b>bold</b>')),
    ]
  })
  expect(attempts.map((name) => name === 'TypeError')).toEqual([true, true, true])
  expect(await person.page.title()).not.toBe('taken')
})

test('a window that claims to be signed in is not believed: messages between windows carry nothing', async () => {
  const claims = ['granted', 'countersign', JSON.stringify({ type: 'interaction-close', state: 'answered' })]
  const liar = `<!doctype html><h1>liar</h1><script>
    const said = ${JSON.stringify(claims)}
    const ids = new URLSearchParams(location.search)
    for (const data of [...said, { type: 'oauth-complete', state: ids.get('state'), outcome: 'granted' }]) opener.postMessage(data, '*')
    document.title = 'said'
  </script>`
  const { stage, person } = await openChat((url) => (url.startsWith('/oauth/authorize') ? liar : undefined))
  const heard = await person.page.evaluateHandle(() => {
    const messages: unknown[] = []
    addEventListener('message', ({ data }) => messages.push(data))
    return messages
  })
  const framesBefore = (await stage.evidence.at('frame sent')).length
  const popup = await person.askAndOpen()
  // Our own, just above, and no other.
  expect(await windowMessageListeners(person)).toBe(1)
  await popup.waitForFunction(() => document.title === 'said')
  await expect.poll(() => heard.evaluate((messages) => messages.length)).toBe(claims.length + 1)
  const { authorizations, interactions } = await signInRows(stage.server.store)
  expect([authorizations[0]?.state, interactions[0]?.state]).toEqual(['waiting', 'pending'])
  expect(await person.card.count()).toBe(1)
  expect(await person.closedCards.count()).toBe(0)
  // The one frame is the question itself: no claim made the chat send anything.
  expect((await stage.evidence.at('frame sent')).length).toBe(framesBefore + 1)
})

test('our own pages post nothing to any window: the chat learns of the sign-in from its socket alone', async () => {
  const { person } = await openChat()
  const heard = await person.page.evaluateHandle(() => {
    const messages: unknown[] = []
    addEventListener('message', ({ data }) => messages.push(data))
    return messages
  })
  await signIn(await person.askAndOpen())
  await person.hears(ADA)
  expect(await heard.evaluate((messages) => messages)).toEqual([])
})

/** @param answer markup of the provider in place of its own, by path */
async function openChat(answer: (url: string) => string | undefined = () => undefined) {
  const stage = await openStage({
    intercept: (request, response) => {
      const markup = answer(request.url ?? '')
      if (markup !== undefined) response.writeHead(200, { 'content-type': 'text/html' }).end(markup)
      return markup !== undefined
    },
  })
  const server = await stage.serve()
  const person = await stage.person()
  await person.openChat()
  return { stage: { ...stage, server } satisfies Stage & { server: unknown }, person }
}

/** How many listen in the chat's window for messages of others, as the browser itself counts them: whatever they wait for. */
async function windowMessageListeners({ context, page }: Person): Promise<number> {
  const devtools = await context.newCDPSession(page)
  const { result } = await devtools.send('Runtime.evaluate', { expression: 'window' })
  const { listeners } = await devtools.send('DOMDebugger.getEventListeners', { objectId: result.objectId ?? '' })
  await devtools.detach()
  return listeners.filter(({ type }) => type === 'message').length
}

/** A site on another port of this host. @returns its address */
async function foreignPage(markup: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>another site</title>${markup}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on a port has an address of this form.
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

/** What a frame shows; one that may show nothing cannot be looked into, either. */
async function textOf(frame: Frame): Promise<string> {
  return frame.evaluate(() => document.body.textContent ?? '').catch(() => '')
}
