import type { InteractionResponse, JsonValue, Question } from '@countersign/core/protocol'
import { LitElement, type PropertyDeclarations } from 'lit'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import type { AskedQuestion } from '../client/chat-state.ts'
import { announce } from '../elements/chat-events.ts'
import type { IconName } from '../icons.ts'
import { scopeStyles } from '../auth/scope-list.ts'
import { base, controls } from '../theme.ts'
import { approvalStyles } from './approval-details.ts'
import { questionStyles } from './question-styles.ts'

/** The controls with which a person answers one kind of question. The card around them shows text, deadline, problem and end. */
export abstract class QuestionElement<Asked extends Question = Question> extends LitElement {
  static override styles = [base, controls, scopeStyles, approvalStyles, questionStyles]
  static override properties: PropertyDeclarations = {
    asked: { attribute: false },
    runtime: { attribute: false },
    origin: { attribute: false },
  }

  declare asked: AskedQuestion
  declare runtime: BrowserRuntime
  /** The origin of the server, the only one whose sign-in addresses are opened. */
  declare origin: string

  protected get question(): Asked {
    // The boundary: the register picks the element by the question's kind.
    return this.asked.view.question as Asked
  }

  protected get isSending(): boolean {
    return this.asked.responseId !== null
  }

  protected accept(answer: JsonValue): void {
    this.#respond({ action: 'accept', answer })
  }

  /** A no, with the person's reason if they gave one. */
  protected decline(reason = ''): void {
    this.#respond({ action: 'decline', ...(reason.trim() !== '' && { reason: reason.trim() }) })
  }

  protected cancel(): void {
    this.#respond({ action: 'cancel' })
  }

  /** Has it sent to the other device once more. */
  protected resend(): void {
    this.#respond({ action: 'resend' })
  }

  #respond(response: InteractionResponse): void {
    if (this.isSending) return
    announce(this, 'countersign-respond', { interactionId: this.asked.id, response })
  }
}

/** How one kind of question appears. */
export interface QuestionKind {
  readonly tag: `countersign-${string}`
  readonly element: new () => QuestionElement
  readonly heading: (question: Question) => string
  readonly icon: (question: Question) => IconName
  /** The controls themselves say what is asked; the question's text would say it twice. */
  readonly isSelfExplaining?: true
}
