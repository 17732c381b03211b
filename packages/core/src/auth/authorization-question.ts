import type { Question } from '../protocol/interaction.ts'
import type { AuthProvider, Challenge } from './auth-provider.ts'
import type { AuthRequirement } from './auth-requirement.ts'

/** What an authorization waits for, as a question to the person. */
export function authorizationQuestion(asked: {
  readonly challenge: Challenge
  readonly provider: AuthProvider
  readonly requirement: AuthRequirement
  readonly tool: string
  /** Our own address that leads to the authorization server. */
  readonly startUrl: string
}): Question {
  const { challenge, provider, requirement, tool, startUrl } = asked
  const about = { provider: requirement.provider, host: provider.host, scopes: provider.scopesOf(requirement), tool }
  switch (challenge.kind) {
    case 'oauth_consent': {
      const { host } = challenge
      return { kind: 'oauth_consent', text: `"${tool}" needs you to sign in at ${host}.`, consent: { ...about, host, startUrl } }
    }
    case 'backchannel': {
      const { bindingMessage } = challenge
      const words = bindingMessage === undefined ? '' : ` It says: “${bindingMessage}”`
      return {
        kind: 'backchannel',
        text: `"${tool}" needs an approval, which was asked for on another device by ${provider.host}.${words}`,
        backchannel: { ...about, ...(bindingMessage !== undefined && { bindingMessage }) },
      }
    }
    case 'device_code': {
      const { kind: _, ...device } = challenge
      return {
        kind: 'device_code',
        text: `"${tool}" needs you to sign in at ${provider.host}: enter the code ${device.userCode} at ${device.verificationUri}.`,
        device: { ...about, ...device },
      }
    }
  }
}
