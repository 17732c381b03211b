import type { Model } from '@countersign/core'

/** A model that is built when it is first asked, and built again after a failed attempt: a start of the server loads no provider package. */
export function lazyModel(name: string, build: () => Promise<Model>): Model {
  let built: Promise<Model> | undefined
  const model = async (): Promise<Model> => {
    built ??= build()
    try {
      return await built
    } catch (error) {
      built = undefined
      throw error
    }
  }
  return {
    name,
    async *stream(request) {
      yield* (await model()).stream(request)
    },
  }
}
