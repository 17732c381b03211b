import { type NatPerson, connect, visit } from './nat-person.ts'
import type { Program } from './program.ts'
import { SAYINGS } from './script.ts'
import { several } from './several.ts'

/** How many people come at once: more would measure the queue at the door. */
const AT_ONCE = 16

/** Somebody whose run waits for an answer: where, and how the server knows them again. */
export interface Parked {
  readonly conversationId: string
  readonly cookie: string
}

/** Lets `count` people, each of a browser of their own, ask for a transfer and be asked; their sockets stay open. */
export function ask({ address }: Pick<Program, 'address'>, count: number, name: string): Promise<readonly NatPerson[]> {
  return several(count, AT_ONCE, async (index) => {
    const person = await connect(address, `${name}-${index}`)
    await person.firstFrame(SAYINGS.pay, ['system_interaction_message'])
    return person
  })
}

/** The same, and each goes away as soon as the question is there: what is left of them waits. */
export function park({ address }: Pick<Program, 'address'>, count: number, name: string): Promise<readonly Parked[]> {
  return several(count, AT_ONCE, async (index) => {
    const [conversationId, cookie] = [`${name}-${index}`, await visit(address)]
    const person = await connect(address, conversationId, cookie)
    await person.firstFrame(SAYINGS.pay, ['system_interaction_message'])
    person.close()
    return { conversationId, cookie }
  })
}

/** They come back and are shown their questions again. */
export function comeBack({ address }: Pick<Program, 'address'>, parked: readonly Parked[]): Promise<readonly NatPerson[]> {
  return several(parked.length, AT_ONCE, async (index) => {
    const { conversationId = '', cookie } = parked[index] ?? {}
    const person = await connect(address, conversationId, cookie)
    await person.asked()
    return person
  })
}
