export type { JsonObject, JsonValue } from './json.ts'
export type {
  AnswerByKind,
  ApprovalDetails,
  ConsentDetails,
  InteractionKind,
  InteractionResponse,
  InteractionState,
  InteractionView,
  Option,
  Question,
} from './interaction.ts'
export type { CallResult, Message, RequestedCall } from './message.ts'
export type { Principal } from './principal.ts'
export type { CallStatus, LoggedEvent, RunEnd, RunEvent } from './run-event.ts'
export type {
  ErrorMessage,
  FrameErrorCode,
  NatFrame,
  SystemInteractionMessage,
  SystemIntermediateMessage,
  SystemResponseMessage,
} from './nat-frames.ts'
export type {
  CancelMessage,
  CaughtUpMessage,
  ClientFrame,
  DrainingMessage,
  EventMessage,
  ResumeMessage,
  ServerFrame,
  Subprotocol,
  UserInteractionMessage,
  UserMessage,
} from './frames.ts'
export type { Me } from './me.ts'
