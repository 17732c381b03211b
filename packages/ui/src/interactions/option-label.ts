import type { Option } from '@countersign/core/protocol'
import { html, nothing, type TemplateResult } from 'lit'

/** What a person reads beside a radio button or checkbox. */
export function optionLabel(option: Option): TemplateResult {
  return html`<span dir="auto">
    ${option.label} ${option.description === undefined ? nothing : html`<span class="description">${option.description}</span>`}
  </span>`
}
