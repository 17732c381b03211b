import type { HostileServer } from '@countersign/core/testing'

/** An authorization server that sends browsers back at once with a code, and has an API: whoever asks is Ada. */
export function signInAnswers(server: HostileServer): void {
  server.script['/authorize'] = (_form, request) => {
    const { searchParams } = new URL(request.url)
    const back = new URL(searchParams.get('redirect_uri') ?? '')
    const answer = { code: `code-${server.requests.length}`, state: searchParams.get('state') ?? '', iss: server.issuer }
    back.search = new URLSearchParams(answer).toString()
    return Response.redirect(back, 302)
  }
  server.script['/api/me'] = () => Response.json({ name: 'Ada' })
}
