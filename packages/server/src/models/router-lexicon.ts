/**
 * What a text is about: its words in lower case, without stop words, stemmed, and each group of synonyms as one word.
 * English only.
 */
export function wordsOf(text: string): readonly string[] {
  let plain = ` ${splitWords(text).join(' ')} `
  for (const [phrase, word] of phrases) plain = plain.replaceAll(` ${phrase} `, ` ${word} `)
  return plain
    .split(' ')
    .filter((word) => word !== '' && !stopWords.has(word))
    .map((word) => canonical(stem(word)))
}

/** The words of a text or an identifier as they stand, in lower case: `whoAmI`, `who_am_i` and "Who am I?" have the same. */
export function splitWords(text: string): readonly string[] {
  return text
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replaceAll(/[’`]/g, "'")
    .replaceAll(/\be-mail/g, 'email')
    .replaceAll(/n't\b/g, ' not')
    .replaceAll(/'(?:s|m|re|ll|d|ve)\b/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

/** Whether the text says not to do something, or asks about doing it instead of asking for it: then nothing may be called. */
export function isNoRequest(text: string): boolean {
  const plain = ` ${splitWords(text).join(' ')} `
  return [...negations, ...suppositions].some((phrase) => plain.includes(` ${phrase} `))
}

/** The words of a text that undo or prevent something: only what knows such a word itself can be meant. */
export function opposingWords(text: string): readonly string[] {
  return wordsOf(text).filter((word) => opposing.has(word))
}

const negations = [
  'not',
  'dont',
  'never',
  'cannot',
  'without',
  'nobody',
  'stop',
  'refrain',
  'avoid',
  'instead of',
  'no longer',
  'cant',
  'wont',
]
const suppositions = [
  'did',
  'already',
  'yesterday',
  'have i',
  'have you',
  'has already',
  'why',
  'who sent',
  'who paid',
  'what if',
  'would happen',
  'happens if',
  'happens when',
  'suppose',
  'hypothetically',
  'imagine',
  'pretend',
  'explain',
  'how do i',
  'how can i',
  'how does',
  'how would',
  'what does it mean',
  'story about',
  'joke about',
  'poem about',
  'joke',
  'poem',
]

/** Phrases of stop words that mean something together. */
const phrases: readonly (readonly [string, string])[] = [
  ['who am i', 'identity'],
  ['who i am', 'identity'],
  ['whoami', 'identity'],
  ['my name', 'identity'],
  ['my identity', 'identity'],
  ['logged in', 'login'],
  ['signed in', 'login'],
  ['log in', 'login'],
  ['sign in', 'login'],
  ['look up', 'find'],
  ['get rid of', 'delete'],
  ['time off', 'vacation'],
  ['how much money', 'balance'],
]

const stopWords = new Set(
  (
    'a about actually again all also am an and any are as at be been being but by can could did do does doing done else for from get give go ' +
    'had has have hello hey hi him her his how i if im in into is it its just kindly know let like lot may me might mine must my need now of ok ' +
    'on or our out over please really shall she should so some tell than thank thanks that the their them then there these they this those to ' +
    'too under until up us very want was we were what when where whether which who whom whose why will with would yes yet you your tool ' +
    'function returns return used uses use given one current currently via'
  ).split(' '),
)

const synonyms: readonly (readonly string[])[] = [
  ['transfer', 'send', 'pay', 'wire', 'remit', 'payment'],
  ['money', 'funds', 'cash', 'dollars', 'bucks', 'euros', 'amount'],
  ['balance', 'savings'],
  ['show', 'list', 'see', 'view', 'display'],
  ['delete', 'remove', 'erase', 'drop'],
  ['create', 'make', 'add', 'new'],
  ['find', 'search', 'lookup', 'locate'],
  ['email', 'mail', 'inbox'],
  ['employee', 'staff', 'worker', 'colleague'],
  ['calendar', 'schedule', 'agenda'],
  ['meeting', 'appointment', 'event'],
  ['file', 'document', 'doc'],
  ['buy', 'purchase', 'order'],
  ['vacation', 'holiday', 'leave'],
  ['salary', 'wage', 'earnings', 'compensation'],
  ['identity', 'whoami', 'profile'],
  ['change', 'update', 'edit', 'modify'],
  ['cancel', 'abort', 'revoke'],
  ['weather', 'forecast', 'temperature'],
  ['run', 'execute', 'start'],
]

const groups: ReadonlyMap<string, string> = new Map(
  synonyms.flatMap((group) => group.map((word) => [stem(word), stem(group[0] ?? word)] as const)),
)

function canonical(word: string): string {
  return groups.get(word) ?? word
}

const opposing = new Set(
  'cancel undo reverse refund block prevent refuse dispute delete reject decline deny withdraw halt undone forbid'
    .split(' ')
    .map((word) => canonical(stem(word))),
)

/** A light stemmer: plural, -ing and -ed, doubled consonants, final e. */
function stem(word: string): string {
  if (word.length <= 3 || /\d/.test(word)) return word
  let root = word
  if (root.endsWith('ies')) root = `${root.slice(0, -3)}y`
  else if (/(?:ss|x|ch|sh|z)es$/.test(root)) root = root.slice(0, -2)
  else if (/[^su]s$/.test(root) && !root.endsWith('is')) root = root.slice(0, -1)
  const bare = /^(.*[aeiouy].*?)(?:ing|ed)$/.exec(root)?.[1]
  if (bare !== undefined && bare.length >= 3) root = bare.replace(/([bdfgmnprt])\1$/, '$1')
  return root.length > 3 ? root.replace(/e$/, '') : root
}
