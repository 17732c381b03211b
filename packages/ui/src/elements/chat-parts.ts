import type { LitElement } from 'lit'
import type { QuestionCard } from '../interactions/question-card.ts'
import { announce } from './chat-events.ts'
import type { ChatComposer } from './chat-composer.ts'
import { isInField } from './is-typing.ts'
import type { MessageList } from './message-list.ts'

/** The parts of a chat between which the keyboard moves: F6 goes round them, and "?" asks what else it can do. */
export class ChatParts {
  readonly #chat: HTMLElement
  #lastQuestion: QuestionCard | null = null

  constructor(chat: HTMLElement) {
    this.#chat = chat
    chat.addEventListener('keydown', (event) => this.#onKey(event))
  }

  goToComposer(): void {
    this.#composer?.focus()
  }

  goToConversation(): void {
    this.#messages?.focus()
  }

  /** Where one goes on when the part where one was is gone: to the message, or to what bars the way to it. */
  async enter(): Promise<void> {
    const part = this.#find<LitElement>('countersign-gate') ?? this.#composer
    await part?.updateComplete
    part?.focus()
  }

  /** The open question after the one gone to last, and after the last one the first. */
  goToQuestion(): void {
    const open = this.#messages?.openCards ?? []
    const last = open.findIndex((card) => card === this.#lastQuestion)
    this.#lastQuestion = open[(last + 1) % open.length] ?? null
    this.#lastQuestion?.focus()
  }

  get #composer(): ChatComposer | null {
    return this.#find('countersign-composer')
  }

  get #messages(): MessageList | null {
    return this.#find('countersign-messages')
  }

  #find<Part extends Element>(tag: string): Part | null {
    return this.#chat.shadowRoot?.querySelector<Part>(tag) ?? null
  }

  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return
    if (event.key === 'F6') this.#goOn()
    else if (event.key === '?' && !isInField()) announce(this.#chat, 'countersign-shortcuts', null)
    else return
    event.preventDefault()
  }

  /** From the message to the open questions, then to the conversation, and back. */
  #goOn(): void {
    const isIn = (part: Element | null | undefined): boolean => part?.matches(':focus-within') === true
    const [first] = this.#messages?.openCards ?? []
    if (isIn(this.#composer) && first !== undefined) first.focus()
    else if (isIn(this.#composer) || isIn(first)) this.goToConversation()
    else this.goToComposer()
  }
}
