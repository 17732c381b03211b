import { expect, test } from 'vitest'
import { DemoAccounts } from '../demo-accounts.ts'
import { HEADLESS_CLIENTS } from '../demo-clients.ts'
import { generateDemoKeys } from '../demo-keys.ts'
import { DemoResources } from '../demo-resources.ts'
import { MemoryStore } from '../memory-store.ts'
import { loadOidcLibrary } from '../oidc-library.ts'
import { PhoneRequests } from '../phone/phone-requests.ts'
import { providerConfiguration } from '../provider-configuration.ts'
import { settingsOf } from '../provider-options.ts'
import { systemRuntime } from '../runtime.ts'
import { DeviceCodes } from './device-codes.ts'

test('of decisions that arrive in the same moment, one counts', async () => {
  const [library, keys] = await Promise.all([loadOidcLibrary(), generateDemoKeys()])
  const settings = settingsOf({})
  const resources = new DemoResources([])
  const parts = { library, settings, keys, resources, clients: settings.clients, accounts: new DemoAccounts(), store: new MemoryStore() }
  const issuer = 'http://127.0.0.1:5001'
  const requests = new PhoneRequests(systemRuntime)
  const provider = new library.Provider(issuer, providerConfiguration({ ...parts, requests, issuer, port: 5001 }))
  const client = await provider.Client.find(HEADLESS_CLIENTS.terminal.clientId)
  if (client === undefined) throw new Error('the terminal is a seeded client')
  await new provider.DeviceCode({ client, params: { scope: 'openid' }, userCode: 'BCDFGHJK', grantId: '', deviceInfo: {} }).save()
  const codes = new DeviceCodes({ provider, resources, runtime: systemRuntime })
  const decide = (accountId: string, isAllowed: boolean) => codes.decide('bcdf-ghjk', { accountId, isAllowed })
  expect(await Promise.all([decide('ada', true), decide('mallory', true), decide('ada', false)])).toEqual([true, false, false])
  expect(await provider.DeviceCode.findByUserCode('BCDFGHJK')).toMatchObject({ accountId: 'ada', scope: 'openid' })
})
