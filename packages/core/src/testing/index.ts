export {}
export { type OpenedStore, storeContract } from './store-contract.ts'
export type { TestApi } from './store-contract-verbs.ts'
export { type VirtualRuntime, virtualRuntime } from './virtual-runtime.ts'
