import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.mjs'
import { openContext } from './views.mjs'

export const QUESTION = 'Who am I logged in as?'
export const PERSON = 'Ada Lovelace'

/** Somebody with a browser nobody knows, before the chat. Windows that would close themselves stay to be looked at. */
export async function openPerson(browser, { stage, view }) {
  const context = await openContext(browser, view)
  await context.addInitScript(() => {
    window.close = () => undefined
  })
  const page = await context.newPage()
  await page.goto(stage.origin)
  await page.getByRole('textbox').waitFor()
  const person = {
    context,
    page,
    startUrl: '',
    /** Asks, and opens the window that this needs; what is asked can be looked at before. */
    async askAndOpen(look = async () => {}) {
      await page.getByRole('textbox').fill(QUESTION)
      await page.keyboard.press('Enter')
      const button = page.getByRole('button', { name: /^Sign in at/ })
      await button.waitFor()
      await look()
      const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()])
      await popup.getByRole('heading').waitFor()
      // A phone has no small windows.
      if (view.options.isMobile) await popup.setViewportSize(view.viewport)
      return popup
    },
  }
  context.on('request', (request) => {
    if (request.url().startsWith(`${stage.origin}/auth/start/`)) person.startUrl = request.url()
  })
  return person
}

/** As far as the question whether to allow it. */
export async function sayName(popup) {
  await popup.fill('[name=login]', PERSON)
  await popup.getByRole('button', { name: 'Sign in' }).click()
  await popup.getByRole('button', { name: 'Allow' }).waitFor()
}

/** Signs in and allows, as far as the provider asks: it does not ask again what it knows. */
export async function allow(popup) {
  if (await popup.locator('[name=login]').isVisible()) await sayName(popup)
  const button = popup.getByRole('button', { name: 'Allow' })
  if (await button.isVisible()) await button.click()
  await popup.getByRole('heading', { name: 'You are signed in' }).waitFor()
}

/**
 * The demo provider and the server before it, with the workflow of the simple_auth example.
 *
 * @param {{ ports?: { provider: number, server: number } }} [options] without them, free ones
 */
export async function openStage({ ports } = {}) {
  // The built packages, which are there only after the build.
  const [{ startDemoProvider }, { loadConfig, pinoLog, serve, serverSchema }] = await Promise.all([
    import('@countersign/demo-provider'),
    import('@countersign/server'),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'countersign-screenshots-'))
  const port = ports?.server ?? (await freePort())
  const origin = `http://localhost:${port}`
  const provider = await startDemoProvider({ port: ports?.provider ?? 0, redirectUris: [`${origin}/auth/redirect`] })
  const file = join(folder, 'workflow.yml')
  writeFileSync(file, JSON.stringify(workflow({ port, issuer: provider.issuer, folder })))
  const { config } = await loadConfig({ file, schema: serverSchema(), environment: {} })
  const server = await serve(config, { log: pinoLog('error') })
  return {
    origin,
    issuer: provider.issuer,
    async close() {
      await server.stop()
      await provider.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

function workflow({ port, issuer, folder }) {
  const authentication = { client_id: 'countersign-public', scopes: ['openid', 'profile', 'email'] }
  return {
    general: { front_end: { host: 'localhost', port, sign_in: { provider: 'demo' } } },
    store: { url: `sqlite:${join(folder, 'countersign.db')}` },
    functions: { who_am_i: { _type: 'who_am_i', auth_provider: 'demo', api_url: `${issuer}/api/me` } },
    llms: { demo: { _type: 'keyword_router', answers: { who_am_i: 'You are logged in as **{name}** ({email}).' } } },
    authentication: { demo: { _type: 'oauth2_auth_code_flow', issuer, ...authentication } },
    workflow: {
      _type: 'tool_calling_agent',
      title: 'Simple auth',
      description: 'Asks a provider who you are, with your own sign-in.',
      tool_names: ['who_am_i'],
      llm_name: 'demo',
      examples: [QUESTION],
    },
  }
}
