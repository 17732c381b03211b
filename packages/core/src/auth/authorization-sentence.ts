import type { AuthProvider } from './auth-provider.ts'

/** One plain sentence for the person, per code with which an authorization ended without a credential. */
export function authorizationSentence(code: string, { host, notifies }: Pick<AuthProvider, 'host' | 'notifies'>): string {
  return (notifies ? elsewhereSentence(code) : undefined) ?? signInSentence(code, host)
}

/** Of what is asked on another device. */
function elsewhereSentence(code: string): string | undefined {
  switch (code) {
    case 'access_denied':
      return 'The request was denied on the other device.'
    case 'cancelled':
      return 'The request on the other device was cancelled.'
    case 'expired':
      return 'Nobody answered the request on the other device in time.'
    case 'outcome_unknown':
      return 'The request may have been sent to the other device when it was interrupted; nobody knows what became of it.'
    case 'insufficient_scope':
      return 'Less was approved on the other device than the tool needs.'
    case 'invalid_grant':
      return 'The request on the other device is no longer valid.'
    default:
      return undefined
  }
}

function signInSentence(code: string, host: string): string {
  switch (code) {
    case 'access_denied':
      return `You declined to sign in at ${host}.`
    case 'cancelled':
      return `The sign-in at ${host} was cancelled.`
    case 'expired':
      return `The sign-in at ${host} was not finished in time.`
    case 'insufficient_scope':
      return `${host} granted less than the tool needs.`
    case 'outcome_unknown':
      return `The sign-in at ${host} was interrupted before it was finished.`
    case 'invalid_grant':
      return `${host} did not accept the sign-in.`
    case 'unknown_user_id':
      return `${host} knows nobody by that name.`
    case 'expired_login_hint_token':
      return `What told ${host} whom to ask is too old.`
    case 'missing_user_code':
    case 'invalid_user_code':
      return `${host} asks for a code of the person's own, which is missing or wrong.`
    case 'invalid_binding_message':
      return `${host} does not show the message that would go with the request.`
    case 'invalid_target':
    case 'invalid_scope':
    case 'invalid_authorization_details':
      return `${host} does not offer what the tool asks for.`
    case 'transaction_failed':
      return `${host} could not finish the request.`
    case 'invalid_client':
    case 'unauthorized_client':
    case 'invalid_request':
    case 'invalid_config':
      return `${host} does not accept this application; its operator has to look at the configuration.`
    default:
      return `The sign-in failed because ${host} did not answer as it should.`
  }
}
