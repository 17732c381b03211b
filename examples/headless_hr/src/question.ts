/** What the client asks when it is told nothing else. */
export const QUESTION = 'Does John Doe with email jdoe@staff0.com work at Staff0?'
