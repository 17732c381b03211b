/** A database's address without who signs in there, with what, and how: for logs, errors and people. */
export function publicAddress(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/]*@/, '$1').replace(/\?.*$/, '')
}
