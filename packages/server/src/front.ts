/** Where a person or a program meets a workflow. */
export type Front = 'chat' | 'terminal' | 'a2a'

/** A front that a server opens with its doors. */
export type ServedFront = Exclude<Front, 'terminal'>

/** A front that a person comes from to sign in, and goes back to. */
export type PersonalFront = Exclude<Front, 'a2a'>
