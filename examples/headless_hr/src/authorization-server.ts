import { type DemoProvider, type DemoProviderOptions, startDemoProvider } from '@countersign/demo-provider'
import { CLIENTS, RESOURCES } from './registrations.ts'
import { readPeople } from './records.ts'

/** The authorization server of Staff0, with everybody's phone. */
export function startAuthorizationServer(options: DemoProviderOptions): Promise<DemoProvider> {
  return startDemoProvider({
    clients: Object.values(CLIENTS),
    resources: Object.values(RESOURCES),
    people: readPeople().map(({ id, name, email }) => ({ sub: id, name, preferred_username: id, email })),
    ...options,
  })
}
