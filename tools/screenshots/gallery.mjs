import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, preview } from 'vite'
import { freePort } from '../free-port.mjs'
import { root } from '../step.mjs'
import { narrow, openContext, views } from './views.mjs'

const ui = join(root, 'packages/ui')
/** What has much on one line, or much at all: seen at the narrowest as well. */
const tight = [
  'empty',
  'done',
  'consent-live',
  'consent-blocked',
  'approval-confirm',
  'backchannel-live',
  'device_code-open',
  'long-choice',
  'several',
  'account',
  'account-long',
  'shortcuts',
]
/** A state taller than this is cut. */
const MAX_HEIGHT = 2400

/**
 * Pictures of every scene of the gallery, in every view.
 *
 * @param {import('playwright').Browser} browser
 * @param {string} folder
 * @returns {Promise<readonly { scene: string, view: string, file: string }[]>}
 */
export async function photographGallery(browser, folder) {
  const outDir = mkdtempSync(join(tmpdir(), 'countersign-gallery-'))
  const config = { root: ui, configFile: join(ui, 'vite.config.ts'), logLevel: 'error' }
  await build({ ...config, build: { outDir, emptyOutDir: true, rollupOptions: { input: join(ui, 'dev/gallery.html') } } })
  const server = await preview({ ...config, build: { outDir }, preview: { host: '127.0.0.1', port: await freePort() } })
  try {
    const address = `${server.resolvedUrls.local[0]}dev/gallery.html`
    const passes = [...views, narrow].map((view) => photographView(browser, { address, view, folder }))
    return (await Promise.all(passes)).flat()
  } finally {
    await server.close()
    rmSync(outDir, { recursive: true })
  }
}

async function photographView(browser, { address, view, folder }) {
  const context = await openContext(browser, view)
  const page = await context.newPage()
  await page.goto(address)
  const scenes = await page.locator('body[data-scenes]').getAttribute('data-scenes')
  const pictures = []
  for (const scene of scenes.split(' ').filter((name) => view !== narrow || tight.includes(name))) {
    const file = `${scene}.${view.name}.png`
    await page.setViewportSize(view.viewport)
    await page.evaluate((hash) => void (location.hash = hash), `${scene}&${view.theme}`)
    await page.locator(`body[data-scene="#${scene}&${view.theme}"]`).waitFor()
    await growToFit(page, view.viewport)
    await page.screenshot({ path: join(folder, file) })
    pictures.push({ scene, view: view.name, file })
  }
  await context.close()
  return pictures
}

/** What would have to be scrolled to is shown at once. */
async function growToFit(page, { width, height }) {
  const hidden = await page.evaluate(() => {
    const scrolling = (tree) =>
      [...tree.querySelectorAll('*')].flatMap((element) => [
        ...(element.matches('.scroll, dialog[open]') ? [element] : []),
        ...(element.shadowRoot ? scrolling(element.shadowRoot) : []),
      ])
    return Math.max(0, ...scrolling(document).map((element) => element.scrollHeight - element.clientHeight))
  })
  if (hidden > 0) await page.setViewportSize({ width, height: Math.min(MAX_HEIGHT, height + hidden) })
}
