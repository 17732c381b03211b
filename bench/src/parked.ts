import { type Browser, type NatPerson, connect } from './nat-person.ts'
import type { Program } from './program.ts'
import { SAYINGS } from './script.ts'
import { several } from './several.ts'

/** How many people come at once: more would measure the queue at the door. */
const AT_ONCE = 16

type Server = Pick<Program, 'address'>

/** Lets `count` people, each of a browser of their own, ask for a transfer and be asked; their sockets stay open. */
export function ask({ address }: Server, count: number, name: string): Promise<readonly NatPerson[]> {
  return several(count, AT_ONCE, (index) => askOne(address, `${name}-${index}`))
}

/** The same, and each goes away as soon as the question is there: what is left of them waits. */
export function park({ address }: Server, count: number, name: string): Promise<readonly Browser[]> {
  return several(count, AT_ONCE, async (index) => {
    const person = await askOne(address, `${name}-${index}`)
    person.close()
    return { conversationId: person.conversationId, cookie: person.cookie }
  })
}

/** They come back and are shown their questions again. */
export function comeBack({ address }: Server, parked: readonly Browser[]): Promise<readonly NatPerson[]> {
  return several(parked.length, AT_ONCE, async (index) => {
    const { conversationId = '', cookie } = parked[index] ?? {}
    const person = await connect(address, conversationId, cookie)
    await person.asked()
    return person
  })
}

async function askOne(address: string, conversationId: string): Promise<NatPerson> {
  const person = await connect(address, conversationId)
  await person.firstFrame(SAYINGS.pay, ['system_interaction_message'])
  return person
}
