/**
 * Something of the repository's tools: they are outside of what is compiled here.
 * @param name of the file: `free-port`
 */
export async function repositoryTool<T>(name: string): Promise<T> {
  return (await import(new URL(`../../../tools/${name}.mjs`, import.meta.url).href)) as T
}
