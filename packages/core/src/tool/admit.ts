import { admitApproved, useApproval } from './admit-approved.ts'
import { admitAuthorised } from './admit-authorised.ts'
import { admitInterrupted } from './admit-interrupted.ts'
import type { Admission, AtGate } from './at-gate.ts'
import { refusal } from './refusal.ts'
import { roomToAsk } from './room-to-ask.ts'

/**
 * May this call run now? Reads settled rows, writes the question it must ask, and can be repeated: the answer changes only when a row
 * does. Approvals and sign-ins happen here, before the tool's code runs.
 */
export async function admit(at: Omit<AtGate, 'tool' | 'input'>): Promise<Admission> {
  const { call, deps, journal } = at
  const tool = deps.tools.get(call.tool)
  if (!tool) return refuse('unknown_tool', `There is no tool "${call.tool}".`)
  const digest = journal.run.toolDigests[call.tool]
  if (digest !== undefined && digest !== deps.toolDigests[call.tool])
    return refuse('tool_changed', `The tool "${call.tool}" has changed since this was asked; ask again.`)
  const parsed = tool.input.safeParse(call.input)
  if (!parsed.success) return refuse('invalid_arguments', `The arguments do not fit: ${issues(parsed.error.issues)}.`)
  const full: AtGate = { ...at, tool, input: parsed.data }
  for (const check of [admitAnswered, admitInterrupted, admitApproved, admitAuthorised]) {
    const stop = await check(full)
    if (stop) return stop
  }
  await useApproval(full)
  return { kind: 'execute' }
}

/** A question that the tool itself asked is still open, or could not be asked yet. */
async function admitAnswered(at: AtGate): Promise<Admission | undefined> {
  const { journal, call } = at
  const isOpen = journal.interactions.some((interaction) => interaction.callId === call.id && interaction.state === 'pending')
  return isOpen || (call.state === 'suspended' && (await roomToAsk(at)) === 'later') ? { kind: 'blocked' } : undefined
}

function refuse(code: Parameters<typeof refusal>[1], message: string): Admission {
  return { kind: 'refused', refusal: refusal('refused', code, message) }
}

function issues(list: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return list.map(({ path, message }) => (path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message)).join('; ')
}
