/** Under which path the agent is asked. */
export const A2A_PATH = '/a2a'

/** Where the agent's card is (A2A §8.2). */
export const CARD_PATH = '/.well-known/agent-card.json'
