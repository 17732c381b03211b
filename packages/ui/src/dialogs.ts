import { AccountPanel } from './account/account-panel.ts'
import { ConfirmButton } from './account/confirm-button.ts'
import { ShortcutsDialog } from './elements/shortcuts-dialog.ts'

/** The elements that only a press brings up: they come in with the first one, not with the page. */
export const dialogs: Readonly<Record<string, CustomElementConstructor>> = {
  'countersign-account-panel': AccountPanel,
  'countersign-confirm': ConfirmButton,
  'countersign-shortcuts': ShortcutsDialog,
}
