import type { InteractionResponse, InteractionView } from '@countersign/core'
import { ConversationFollower } from '../transports/conversation-follower.ts'
import { openInBrowser } from './browser.ts'
import type { Stop, TurnEnd } from './exit-code.ts'
import type { Keyboard } from './keyboard.ts'
import { isPrompted, prompt } from './prompt.ts'
import { waitingLine } from './question-card.ts'
import { type Output, type Screen, styled } from './screen.ts'
import type { TerminalEngine } from './terminal-engine.ts'
import { type AnswerDisplay, Turn } from './turn.ts'

/** How often the changing line is drawn, milliseconds. */
const FRAME_MS = 120
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** What a terminal is able to do, and may. */
export interface TerminalMeans {
  readonly engine: TerminalEngine
  readonly screen: Screen
  /** Where prompts are drawn. */
  readonly promptOutput: Output
  /** Absent: nobody types here. */
  readonly keyboard: Keyboard | undefined
  /** Whether anybody at all is here to sign in or answer. */
  readonly isAttended: boolean
  readonly opensBrowser: boolean
  readonly isJson: boolean
  readonly shows: AnswerDisplay
  /** How long one message may take. */
  readonly timeoutMs: number | undefined
  /** Ctrl-C was pressed while keys are read one at a time. */
  readonly onInterrupt: () => void
}

/** The question that is shown and answered now: the others wait their turn, those that are typed first. */
interface ShownQuestion {
  readonly id: string
  readonly isPrompt: boolean
  readonly ended: AbortController
}

/** A conversation of the person at the terminal, one message after another. */
export class TerminalConversation {
  readonly #means: TerminalMeans
  readonly #conversationId: string
  #seq = 0
  #turn: Turn | undefined
  #shown: ShownQuestion | undefined
  #doing = ''
  #stopKeys: () => void = () => undefined
  #frame = 0

  constructor(means: TerminalMeans) {
    this.#means = means
    this.#conversationId = means.engine.runtime.id()
  }

  /** Sends a message and stays with it to its end. */
  async say(text: string): Promise<TurnEnd> {
    const { engine, screen, isAttended, isJson, shows, timeoutMs } = this.#means
    const { runs, store, runtime, built, visitor } = engine
    const messageId = runtime.id()
    const turn = new Turn({
      messageId,
      screen,
      shows,
      listener: {
        onQuestions: () => this.#look(),
        onDoing: (doing) => this.#do(doing),
        addressFor: (view) => this.#addressFor(view),
      },
    })
    this.#turn = turn
    const from = { conversationId: this.#conversationId, seq: this.#seq }
    const follower = new ConversationFollower(store, from, {
      deliver: (event) => {
        if (isJson) screen.json(event)
        turn.take(event)
      },
    })
    this.#listen()
    const stopFrames = this.#animate()
    const stopTimer = timeoutMs === undefined ? undefined : runtime.timer(timeoutMs, () => this.#timeOut())
    try {
      const presence = isAttended ? 'terminal' : 'nobody'
      await runs.start({ workflow: built.workflow.name, conversationId: this.#conversationId, messageId, text, visitor, presence })
      return await turn.ended
    } finally {
      stopTimer?.()
      stopFrames()
      this.#stopKeys()
      screen.live('')
      follower.stop()
      this.#seq = follower.seq
      this.#turn = undefined
    }
  }

  /** Stops what is under way and withdraws its questions. @returns whether there was anything, and nobody had stopped it before */
  stop(why: Stop): boolean {
    const turn = this.#turn
    if (!turn || turn.stop !== undefined) return false
    turn.stop = why
    this.#do('Stopping')
    const { runs, visitor } = this.#means.engine
    void runs.cancel(this.#conversationId, visitor)
    return true
  }

  #timeOut(): void {
    if (this.stop('expired')) this.#means.screen.say(styled('yellow', '!'), 'The time for this message is over.')
  }

  /** Decides what is shown: what ended goes away, and what has to be typed goes before what is only waited for. */
  #look(): void {
    const open = this.#turn?.open
    if (!open) return
    if (this.#shown && !open.has(this.#shown.id)) this.#dismiss()
    const typed = [...open.values()].find(({ view }) => isPrompted(view.question))
    if (typed && this.#shown?.isPrompt === false) this.#dismiss()
    if (this.#shown) return this.#draw()
    const next = typed ?? open.values().next().value
    if (next) this.#bring(next.view)
    this.#draw()
  }

  #dismiss(): void {
    const shown = this.#shown
    this.#shown = undefined
    shown?.ended.abort()
  }

  #bring(view: InteractionView): void {
    const { keyboard, isAttended } = this.#means
    const { question } = view
    const isPrompt = isPrompted(question)
    const shown = { id: view.id, isPrompt, ended: new AbortController() }
    this.#shown = shown
    const isPossible = isPrompt ? keyboard !== undefined : isAttended || question.kind === 'backchannel'
    if (!isPossible) void this.#withdraw(view)
    else if (isPrompt) void this.#ask(view, shown)
  }

  /** Nobody is here to answer: that is said, and the agent may find another way. */
  async #withdraw({ id, question }: InteractionView): Promise<void> {
    const { screen } = this.#means
    if (this.#turn) this.#turn.neededSomebody = true
    screen.say(styled('yellow', '!'), `This needs a person at a terminal, and nobody is here: ${question.text}`)
    await this.#answer(id, { action: 'cancel' })
  }

  /** Prompts until the answer is one, or the question has ended. */
  async #ask(view: InteractionView, shown: ShownQuestion): Promise<void> {
    const { keyboard, promptOutput, screen } = this.#means
    const { question } = view
    if (!keyboard || !isPrompted(question)) return
    const { signal } = shown.ended
    while (!signal.aborted) {
      this.#stopKeys()
      const release = screen.hold()
      const prompted = await prompt(question, { keyboard, output: promptOutput, signal })
      release()
      this.#listen()
      if (prompted === 'ended') return
      if (prompted === 'interrupted') return this.#means.onInterrupt()
      this.#turn?.answeredHere.add(view.id)
      if (await this.#answer(view.id, prompted)) return
    }
  }

  /** @returns whether the question is over; if not, why the answer was none is said */
  async #answer(id: string, response: InteractionResponse): Promise<boolean> {
    const { engine, screen } = this.#means
    const outcome = await engine.runs.answer(id, response, engine.visitor)
    if (outcome.outcome !== 'invalid') return true
    screen.say(styled('yellow', '!'), `${outcome.problem.replace(/\.$/, '')}.`)
    return false
  }

  #addressFor({ id, question }: InteractionView): string | undefined {
    const { engine, isAttended, opensBrowser } = this.#means
    if (question.kind !== 'oauth_consent' || !isAttended) return undefined
    const address = engine.door.addressOf(id)
    if (opensBrowser) void openInBrowser(address)
    return address
  }

  #listen(): void {
    this.#stopKeys()
    this.#stopKeys = this.#means.keyboard?.listen((key) => this.#press(key)) ?? ((): void => undefined)
  }

  #press(key: string): void {
    if (key === 'ctrl-c') return this.#means.onInterrupt()
    const asked = this.#turn?.open.get(this.#shown?.id ?? '')
    if (!asked || this.#shown?.isPrompt !== false) return
    const { id, question } = asked.view
    if (key === 'c') void this.#answer(id, { action: 'cancel' })
    else if (key === 'r' && question.kind !== 'oauth_consent') void this.#answer(id, { action: 'resend' })
    else if (key === 'o') this.#openAgain(asked.view)
  }

  #openAgain({ id, question }: InteractionView): void {
    const { engine, screen, opensBrowser } = this.#means
    if (question.kind === 'oauth_consent') {
      const address = engine.door.addressOf(id)
      screen.say(' ', 'Sign in here: ', styled('cyan', address))
      if (opensBrowser) void openInBrowser(address)
    } else if (question.kind === 'device_code' && opensBrowser)
      void openInBrowser(question.device.verificationUriComplete ?? question.device.verificationUri)
  }

  #do(doing: string): void {
    this.#doing = doing
    this.#draw()
  }

  #draw(): void {
    const { engine, screen, keyboard } = this.#means
    const asked = this.#turn?.open.get(this.#shown?.id ?? '')
    const now = engine.runtime.now()
    const waits = asked && waitingLine(asked.view, { wait: asked.wait, now, canAct: keyboard !== undefined })
    const text = this.#turn?.stop === undefined ? (waits ?? this.#doing) : this.#doing
    screen.live(text === '' ? '' : `${frames[this.#frame % frames.length]} ${text}`)
  }

  /** @returns a function that ends it */
  #animate(): () => void {
    const { engine, screen } = this.#means
    if (!screen.isLive) return () => undefined
    let stop = (): void => undefined
    const next = (): void => {
      this.#frame += 1
      this.#draw()
      stop = engine.runtime.timer(FRAME_MS, next)
    }
    next()
    return () => stop()
  }
}
