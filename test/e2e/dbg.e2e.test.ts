import { test } from 'vitest'
import { theatre } from './stage.ts'
const openStage = theatre()
for (const variant of ['plain', 'init', 'dark','axe'])
test('dbg' + variant, async () => {
  const { provider, ...stage } = await openStage()
  await stage.serve()
  const person = await stage.person(variant === 'dark' ? { colorScheme: 'dark', reducedMotion: 'reduce' } : {})
  if (variant==='init') await person.context.addInitScript(() => { console.log('x') })
  await person.openChat()
  person.context.setDefaultTimeout(4000)
  if (variant === 'axe') await person.page.evaluate(() => 1)
  await person.ask()
  const [popup] = await Promise.all([person.page.waitForEvent('popup'), person.card.getByRole('button', { name: /Sign in at/ }).click()])
  await popup.getByRole('heading').waitFor().catch((e) => console.log(variant, popup.url(), String(e)))
  console.log((await stage.evidence.at('console')).join('\n'))
})
