import { type Both, checkBoth, tell } from '@countersign/example-stage'
import type { Browser } from 'playwright'
import { LunchPerson } from './lunch-person.ts'
import { workflowFile } from './workflow-file.ts'

const NAME = 'Ada Lovelace'

/** Plays the person in a real browser against the real servers, answers one question of every kind, and prints each answer. @returns the exit code */
export function check(): Promise<number> {
  return checkBoth({
    file: workflowFile,
    play,
    overridesFor: (issuer) => [
      { path: 'authentication.calendar.issuer', value: issuer },
      { path: 'functions.invite_team.api_url', value: `${issuer}/api/me` },
    ],
  })
}

async function play(browser: Browser, { server }: Both): Promise<void> {
  const person = new LunchPerson(await browser.newPage())
  await person.open(server.publicOrigin)
  await person.say('Plan the team lunch')
  await person.pick('Lebanese')
  await person.select('12:30')
  await person.tick('Vegetarian', 'Without nuts')
  await person.press('At the restaurant')
  await person.write('A table by the window')
  tell(await person.hears(/food at/))
  await person.say('Book a table for 6 people')
  await person.approve()
  await person.write('Lovelace')
  tell(await person.hears(/is booked under/))
  await person.say('Invite the team')
  await person.signIn(NAME)
  tell(await person.hears(/the invitation is from/))
}
