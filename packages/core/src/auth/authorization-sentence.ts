/** One plain sentence for the person, per code with which an authorization ended without a credential. */
export function authorizationSentence(code: string, host: string): string {
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
    case 'invalid_client':
    case 'unauthorized_client':
      return `${host} does not accept this application; its operator has to look at the configuration.`
    default:
      return `The sign-in failed because ${host} did not answer as it should.`
  }
}
