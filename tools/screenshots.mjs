/**
 * `npm run screenshots [-- FOLDER]`: pictures of every state of the chat, in both themes, on a phone and on a desk, and of the pages around a
 * sign-in, with a sheet that shows them all. `npm run screenshots -- --readme` makes the pictures of the README instead, from a real sign-in.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright'
import { build } from './build.mjs'
import { chromiumArgs, findChromium } from './chromium.mjs'
import { photographGallery } from './screenshots/gallery.mjs'
import { contactSheet } from './screenshots/contact-sheet.mjs'
import { photographPages } from './screenshots/pages.mjs'
import { photographForReadme } from './screenshots/readme.mjs'
import { root } from './step.mjs'

const { values, positionals } = parseArgs({ options: { readme: { type: 'boolean' } }, allowPositionals: true })

if (!build()) {
  console.error('The build failed, so there is nothing to look at. Mend what is named above.')
  process.exit(1)
}
const folder = resolve(root, values.readme ? 'docs/images' : (positionals[0] ?? 'screenshots'))
mkdirSync(folder, { recursive: true })
const startedAt = performance.now()
const browser = await chromium.launch({ executablePath: findChromium(), args: [...chromiumArgs] })
try {
  if (values.readme) {
    for (const file of await photographForReadme(browser, folder)) console.log(file)
  } else {
    const pictures = (await Promise.all([photographGallery(browser, folder), photographPages(browser, folder)])).flat()
    const sheet = join(folder, 'index.html')
    writeFileSync(sheet, contactSheet(pictures))
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    console.log(`${pictures.length} pictures in ${seconds} s. Look at them all: ${pathToFileURL(sheet).href}`)
  }
} finally {
  await browser.close()
}
