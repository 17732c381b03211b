import type { AuthProvider } from '../auth/auth-provider.ts'
import { defineProvider } from './define-provider.ts'
import type { ProviderSetup } from './define-provider.ts'
import { type DeviceCodeConfig, deviceCodeConfig } from './device-code-config.ts'
import type { DeviceCodeSteps } from './device-code-steps.ts'
import { serverHost } from './oauth-config.ts'
import { defaultFetchLimits } from './oauth-fetch.ts'
import { scopeSet } from './oauth-scopes.ts'

/**
 * Device authorization grant (RFC 8628): the person types a code at an address, on whatever device has a browser.
 * @see https://www.rfc-editor.org/rfc/rfc8628
 */
export const deviceCode = defineProvider({ type: 'oauth2_device_code', config: deviceCodeConfig, create: createDeviceCode })

function createDeviceCode(config: DeviceCodeConfig, { name, limits: given }: ProviderSetup): AuthProvider {
  const { client_id: clientId, device_authorization_url, issuer } = config
  const limits = { ...defaultFetchLimits, ...given }
  const host = serverHost({ authorization_url: device_authorization_url, issuer })
  const scopesOf: AuthProvider['scopesOf'] = (requirement) => scopeSet(config.scopes, requirement.scopes)
  let imported: Promise<DeviceCodeSteps> | undefined
  const steps = (): Promise<DeviceCodeSteps> =>
    (imported ??= import('./device-code-steps.ts').then(({ deviceCodeSteps }) => deviceCodeSteps(config, { name, host, limits, scopesOf })))

  return {
    type: 'oauth2_device_code',
    // Nobody is rung: a code that was lost is simply asked for again.
    notifies: false,
    reuse: 'principal',
    host,
    clientId,
    ...(config.resource !== undefined && { resources: config.resource }),
    scopesOf,
    begin: async (requirement, context) => (await steps()).ask(requirement, context),
    // Whatever the event: only the server knows whether the code was typed.
    // oxlint-disable-next-line max-params -- the port has these four
    advance: async (requirement, state, _event, context) => (await steps()).poll(requirement, state, context),
    refresh: async (credential, context) => (await steps()).refresh(credential, context),
    revoke: async (credential, context) => (await steps()).revoke(credential, context),
  }
}
