export type {
  AnswerByKind,
  Asking,
  AskingByKind,
  CallResult,
  CallStatus,
  InteractionKind,
  InteractionResponse,
  InteractionState,
  InteractionView,
  JsonObject,
  JsonValue,
  LoggedEvent,
  Me,
  Message,
  Offer,
  Option,
  Principal,
  Question,
  RequestedCall,
  RunEnd,
  RunEvent,
} from './protocol/index.ts'
export { CountersignError, type ErrorCode, isCountersignError } from './errors.ts'
export { fromBase64url, toBase64url } from './runtime/base64url.ts'
export { canonicalJson } from './runtime/canonical-json.ts'
export { digestJson, digestText } from './runtime/digest.ts'
export { errorFacts } from './runtime/error-facts.ts'
export { LOG_FACTS, type Log, type LogFact, type LogFacts, silentLog } from './runtime/log.ts'
export type { Fetch, Runtime } from './runtime/runtime.ts'
export { Secret } from './runtime/secret.ts'
export { systemRuntime } from './runtime/system-runtime.ts'
export { Registry } from './registry.ts'
export { Bus } from './store/bus.ts'
export { Effects } from './store/effects.ts'
export { memoryStore } from './store/memory-store.ts'
export type { Rows, TableName } from './store/rows.ts'
export type { Change, Channel, FindOptions, Listener, Store, StoreStats, Transaction, Where } from './store/store.ts'
export { type ColumnKind, type Table, tables } from './store/tables.ts'
export { type KeyList, keyNamed, type KeySource, type SealingKey } from './runtime/key-source.ts'
export { appendToStream } from './audit/append-to-stream.ts'
export { BoundedLogs } from './audit/bounded-logs.ts'
export { type AuditEvent, type AuditRecord, type AuditType, auditTypes } from './audit/audit-event.ts'
export { type ChainHead, linkHash } from './audit/chain.ts'
export type { AuditFinding, AuditProblem } from './audit/audit-finding.ts'
export type { AuditSigner } from './audit/checkpoint.ts'
export { type CheckpointDeps, Checkpoints } from './audit/checkpoints.ts'
export { type AuditEntry, NewestEntries } from './audit/newest-entries.ts'
export { type AuditProgress, type AuditVerdict, verifyAudit, type VerifyRequest } from './audit/verify-audit.ts'
export { type Visitor, mayAnswer, ownsConversation } from './interaction/asker.ts'
export { viewOf } from './interaction/interactions.ts'
export { countOpen } from './interaction/open-questions.ts'
export { Receipts } from './interaction/receipts.ts'
export type { AuthContext, AuthEvent, AuthProvider, AuthStep, Challenge } from './auth/auth-provider.ts'
export type { AuthRequirement, Reuse } from './auth/auth-requirement.ts'
export { authorizationSentence } from './auth/authorization-sentence.ts'
export { type ConnectionDeps, type ConnectionRow, Connections } from './auth/connections.ts'
export { type ConsentDeps, Consents, type OpenOutcome, type ReturnOutcome } from './auth/consents.ts'
export type { Credential } from './auth/credential.ts'
export { type Identity, userOf } from './auth/identity.ts'
export { createSealer, type Sealer } from './auth/sealer.ts'
export { providerOf, TokenVault, type VaultAnswer, type VaultRequest } from './auth/token-vault.ts'
export { askBeforeHighRisk, type Decision, type Policy, type PolicyRequest } from './policy/policy.ts'
export { defineTool, type Tool, type ToolContext } from './tool/tool.ts'
export type { Model, ModelEvent, ModelRequest, ToolDescription } from './run/model.ts'
export { type Adoption, type AdoptionDeps, adoptSession } from './run/adopt-session.ts'
export { cancelSession } from './run/cancel-session.ts'
export { DEFAULT_RUN_LIMITS, type RunDeps, type RunLimits } from './run/run-deps.ts'
export { type AnswerOutcome, Runs } from './run/runs.ts'
export type { StartRequest } from './run/start-run.ts'
export { defineWorkflow, type Workflow, type WorkflowParts } from './run/workflow.ts'
