import { expect, test, vi } from 'vitest'
import { loadOidcLibrary } from './oidc-library.ts'

test('loading the library prints nothing, and leaves the console as it was', async () => {
  const warn = vi.spyOn(console, 'warn')
  const before = console.warn
  const [library, same] = await Promise.all([loadOidcLibrary(), loadOidcLibrary()])
  expect(library).toBe(same)
  expect(library.Provider).toBeTypeOf('function')
  expect(warn).not.toHaveBeenCalled()
  expect(console.warn).toBe(before)
})
