import { expect, test } from 'vitest'
import { html } from './html.ts'
import { renderPage } from './page.ts'

test('every value is escaped, markup made by the same tag is not', () => {
  const nasty = `<b title="x" class='y'>&`
  expect(html`<p title="${nasty}">${nasty}${html`<i>${'ok'}</i>`}${undefined}${[html`<br />`, html`<hr />`]}</p>`.markup).toBe(
    '<p title="&#60;b title=&#34;x&#34; class=&#39;y&#39;&#62;&#38;">&#60;b title=&#34;x&#34; class=&#39;y&#39;&#62;&#38;<i>ok</i><br /><hr /></p>',
  )
})

test('forms may lead to the origin of the redirect URI and nowhere else', () => {
  const policyFor = (formLeadsTo?: string) => renderPage({ title: 'T', body: html``, formLeadsTo }).headers['content-security-policy']
  expect(policyFor()).toBe(`default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`)
  expect(policyFor('http://localhost:8000/auth/redirect')).toContain(`form-action 'self' http://localhost:8000;`)
  expect(policyFor('http://[::1]:8000/')).toContain(`form-action 'self' http:;`)
})
