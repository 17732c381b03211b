import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isQuestion, openNatClient } from './nat-client.ts'
import { PlainBrowser } from './plain-browser.ts'
import { theatre } from './stage.ts'

const openStage = theatre()
const SECRET = 'planted-4eX8sT0aQ7mW2kZ9'
const pluginFile = fileURLToPath(new URL('./crashing-plugin.mjs', import.meta.url))

test.each(['thrown', 'rejected'])(
  'an error that nobody caught (%s): one line without its words, exit code 1 at once, and the next start goes on',
  async (how) => {
    const stage = await openStage({ pluginFile, functions: { crash: { _type: 'crash', how, secret: SECRET } } })
    const server = await stage.spawn()
    const browser = new PlainBrowser()
    await browser.visit(`${stage.origin}/api/me`)
    const client = await openNatClient(stage.origin, browser.cookiesOf(stage.origin))
    client.say('Please crash the machine.')
    expect((await server.exit).code).toBe(1)
    expect(server.lines.join('\n')).not.toContain(SECRET.slice(0, 12))
    const last: unknown = JSON.parse(server.lines.at(-1) ?? '')
    expect(last).toEqual({
      time: expect.any(String),
      level: 'error',
      msg: 'the server ends after an error that nobody caught',
      code: 'unexpected',
      error: 'Error',
      stack: expect.stringContaining('crashing-plugin.mjs'),
    })
    await stage.spawn()
    const again = await openNatClient(stage.origin, browser.cookiesOf(stage.origin))
    expect(String((await again.until(isQuestion)).content?.['text'])).toContain('may have run')
  },
)
