import type { Me, SessionView } from '@countersign/core/protocol'

/** Everything the chat knows of the person's account: who they are, what is connected, where else they are signed in. */
export interface AccountState {
  /** Null until the server has said who this browser is. */
  readonly me: Me | null
  readonly sessions: KnownSessions
  /** What is being changed; one thing at a time. */
  readonly pending: AccountChange | null
  /** What became of the last change. */
  readonly outcome: AccountOutcome | null
}

/** The person's sessions as far as they are known; a list once known stays while it is asked for again. */
export type KnownSessions =
  | { readonly state: 'unknown' | 'loading' | 'failed' }
  | { readonly state: 'known'; readonly list: readonly SessionView[] }

/** What a person can change about their account. */
export type AccountChange =
  | { readonly type: 'disconnect'; readonly connectionId: string; readonly host: string }
  | { readonly type: 'end-session'; readonly sessionId: string }
  | { readonly type: 'sign-out'; readonly everywhere: boolean }

/** What became of a change: done, done here but not confirmed elsewhere, gone before, or not done. */
export interface AccountOutcome {
  readonly change: AccountChange
  readonly result: 'done' | 'unconfirmed' | 'gone' | 'refused' | 'unreachable'
}

/** What changes the state. */
export type AccountAction =
  | { readonly type: 'know'; readonly me: Me }
  | { readonly type: 'look-for-sessions' }
  | { readonly type: 'sessions-known'; readonly list: readonly SessionView[] }
  | { readonly type: 'sessions-failed' }
  | { readonly type: 'begin'; readonly change: AccountChange }
  | { readonly type: 'end'; readonly outcome: AccountOutcome }

/** An account of which nothing is known yet. */
export const unknownAccount: AccountState = { me: null, sessions: { state: 'unknown' }, pending: null, outcome: null }

/** The state after one action. Pure, as the reducer of the chat. */
export function reduceAccount(state: AccountState, action: AccountAction): AccountState {
  switch (action.type) {
    case 'know':
      return isSamePerson(state.me, action.me) ? { ...state, me: action.me } : { ...unknownAccount, me: action.me }
    case 'look-for-sessions':
      return state.sessions.state === 'known' ? { ...state, outcome: null } : { ...state, sessions: { state: 'loading' }, outcome: null }
    case 'sessions-known':
      return { ...state, sessions: { state: 'known', list: action.list } }
    case 'sessions-failed':
      return state.sessions.state === 'known' ? state : { ...state, sessions: { state: 'failed' } }
    case 'begin':
      return { ...state, pending: action.change, outcome: null }
    case 'end':
      return settle({ ...state, pending: null, outcome: action.outcome })
  }
}

/** What is gone is not shown until the server has been asked again. */
function settle(state: AccountState): AccountState {
  const { change, result } = state.outcome ?? {}
  if (result === 'refused' || result === 'unreachable') return state
  if (change?.type === 'disconnect' && state.me !== null)
    return { ...state, me: { ...state.me, connections: state.me.connections.filter(({ id }) => id !== change.connectionId) } }
  if (change?.type === 'end-session' && state.sessions.state === 'known')
    return { ...state, sessions: { state: 'known', list: state.sessions.list.filter(({ id }) => id !== change.sessionId) } }
  return state
}

function isSamePerson(before: Me | null, now: Me): boolean {
  return before === null || before.principal.id === now.principal.id
}

/** Whether nothing can be done here before the person has signed in. */
export function mustSignIn(me: Me | null): boolean {
  return me?.signIn?.required === true && me.principal.kind === 'anonymous'
}
