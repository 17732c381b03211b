/** Opens an address in the person's browser, never through a shell. @returns whether that was begun; only what a browser is for is opened */
export async function openInBrowser(address: string): Promise<boolean> {
  const { protocol } = new URL(address)
  if (protocol !== 'http:' && protocol !== 'https:') return false
  const { default: open } = await import('open')
  return open(address).then(
    () => true,
    () => false,
  )
}
