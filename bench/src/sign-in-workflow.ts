import { writeFileSync } from 'node:fs'

/** What such a workflow is written with. */
export interface SignInWorkflow {
  /** The `store.url`. */
  readonly store: string
  /** The entry of `llms`; default: the keyword router. */
  readonly llm?: string
}

/** Writes a workflow with one tool that needs a sign-in. Its authorization server is never asked: the first prompt is the question. @returns the file */
export function writeSignInWorkflow(file: string, { store, llm = '{ _type: keyword_router }' }: SignInWorkflow): string {
  const text = `
store: { url: "${store}" }
functions: { who_am_i: { _type: who_am_i, auth_provider: demo } }
llms: { demo: ${llm} }
authentication: { demo: { _type: oauth2_auth_code_flow, issuer: "http://127.0.0.1:1", client_id: bench, scopes: [openid] } }
workflow: { _type: tool_calling_agent, tool_names: [who_am_i], llm_name: demo }
`
  writeFileSync(file, text)
  return file
}
