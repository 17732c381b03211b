export { type Aftermath, readAftermath } from './aftermath.ts'
export { doorTo, type Sabotage, sabotaged } from './faulty-store.ts'
export { type Gate, gate } from './gate.ts'
export { brokenInvariants } from './interleaving-invariants.ts'
export { type Incidents, playInterleaved, type StepScheduler } from './interleaving.ts'
export { type Cut, type Mortal, mortal } from './mortal.ts'
export { conversationOf, people } from './people.ts'
export type { ProviderBench } from './provider-bench.ts'
export { providerContract } from './provider-contract.ts'
export { type OpenedStore, storeContract } from './store-contract.ts'
export type { TestApi } from './store-contract-verbs.ts'
export { type ScriptedModel, type ScriptedReply, scriptedModel } from './scripted-model.ts'
export { API, type SignInProcess, type SignInWorld, type SignInWorldParts, signInWorld } from './sign-in-world.ts'
export { until } from './until.ts'
export { settled, type VirtualRuntime, virtualRuntime } from './virtual-runtime.ts'
export { CONVERSATION, createWorld, runDeps, type World, type WorldParts } from './world.ts'
export {
  type Answer,
  endlessBody,
  type HostileServer,
  hostileServer,
  idToken,
  issued,
  metadata,
  paths,
  silence,
  stallingBody,
  tokenBody,
} from '../providers/hostile-server.ts'
export { phoneWorld, runEnded, SECOND } from './phone-world.ts'
export { pingTokenOf, type PhoneAnswer, scriptedPhone, type ScriptedPhone } from './scripted-phone.ts'
