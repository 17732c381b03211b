import { defineElements } from './define-elements.ts'

defineElements()
// The page is there to be written to. On a phone the keyboard would cover half of it.
if (matchMedia('(pointer: fine)').matches) document.querySelector<HTMLElement>('countersign-chat')?.focus()
