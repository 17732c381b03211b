import { test } from 'vitest'
import { ADA, signIn } from './person.ts'
import { theatre } from './stage.ts'
import { signInRows } from './rows.ts'
const openStage = theatre()
for (const restart of [false, true])
test('dbg' + restart, async () => {
  const { provider, ...stage } = await openStage()
  let first = await stage.serve()
  const person = await stage.person()
  await person.openChat()
  await signIn(await person.askAndOpen())
  await person.hears(ADA)
  if (restart) { await first.stop() }
  provider.forget()
  if (restart) first = await stage.serve()
  await person.ask()
  await new Promise((r) => setTimeout(r, 4000))
  console.log(await person.page.locator('body').innerText())
  console.log((await stage.evidence.at('log')).join('\n'))
  console.log(JSON.stringify((await signInRows(first.store)).authorizations.map(({state, again}) => [state, again])))
  console.log((await stage.evidence.at('console')).join('\n'))
  console.log((await stage.evidence.at('frame')).slice(-6).join('\n'))
})
