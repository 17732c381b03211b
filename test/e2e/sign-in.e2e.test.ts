import { expect, test } from 'vitest'
import { ADA, signIn } from './person.ts'
import { theatre } from './stage.ts'

const openStage = theatre()

test.each(['public', 'confidential', 'confidentialPost'] as const)(
  'a person signs in from the chat and is answered by name; asked again, nobody is asked (%s client)',
  async (client) => {
    const { provider, ...stage } = await openStage({ client })
    await stage.serve()
    const person = await stage.person()
    await person.openChat()
    await person.page.getByRole('heading', { name: 'Simple auth' }).waitFor()
    const popup = await person.askAndOpen()
    const closed = popup.waitForEvent('close')
    await signIn(popup)
    await person.hears(ADA)
    await closed
    expect(provider.tokenRequests()).toBe(1)
    await person.ask()
    await person.hears(ADA, 2)
    expect(await person.card.count()).toBe(0)
    expect(provider.tokenRequests()).toBe(1)
  },
)
