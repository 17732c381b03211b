/** A device code in the groups it is read in; one that has its own, or is short, stays as it is (RFC 8628 §6.1). */
export function userCodeGroups(code: string): readonly string[] {
  const characters = Array.from(code)
  if (characters.length < 6 || characters.some((character) => !/[\p{L}\p{N}]/u.test(character))) return [code]
  const size = characters.length % 4 !== 0 && characters.length % 3 === 0 ? 3 : 4
  const count = Math.ceil(characters.length / size)
  return Array.from({ length: count }, (_, index) => characters.slice(index * size, (index + 1) * size).join(''))
}
