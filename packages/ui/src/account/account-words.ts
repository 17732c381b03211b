import type { Me } from '@countersign/core/protocol'
import type { AccountOutcome } from '../client/account-state.ts'

/** What a person is called: by name when they signed in, else for what they are. */
export function personWords({ name, kind, id }: Me['principal']): string {
  if (name !== undefined && name !== '') return name
  return kind === 'anonymous' ? 'Guest' : id
}

/** What became of a change, as a plain sentence. */
export function outcomeWords({ change, result }: AccountOutcome): string {
  if (result === 'refused') return 'The server did not do this; nothing was changed.'
  if (result === 'unreachable') return 'The server did not answer, so this may or may not have happened.'
  switch (change.type) {
    case 'disconnect':
      return disconnectWords(change.host, result)
    case 'end-session':
      return result === 'gone' ? 'That browser was signed out before.' : 'That browser is signed out.'
    case 'sign-out':
      return 'You are signed out.'
  }
}

function disconnectWords(host: string, result: 'done' | 'unconfirmed' | 'gone'): string {
  switch (result) {
    case 'done':
      return `Disconnected: ${host} has withdrawn the access.`
    case 'unconfirmed':
      return `Removed here, but ${host} did not confirm. The access it gave may last there until it runs out.`
    case 'gone':
      return `${host} was disconnected before.`
  }
}
