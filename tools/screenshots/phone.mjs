import { openContext } from './views.mjs'

const PAYMENT = {
  type: 'payment_initiation',
  instructedAmount: { currency: 'EUR', amount: '123.50' },
  creditorName: 'Merchant A',
  creditorAccount: { iban: 'DE02100100109307118603' },
}

/**
 * Pictures of the provider's phone and device pages. Each view asks a person of its own, so that all can be photographed at once.
 *
 * @param {import('playwright').Browser} browser
 * @param {{ issuer: string, view: import('./views.mjs').View, look: (page: import('playwright').Page, scene: string) => Promise<void> }} scene
 */
export async function photographPhone(browser, { issuer, view, look }) {
  // The built package, which is there only after the build.
  const { HEADLESS_CLIENTS } = await import('@countersign/demo-provider')
  const { ciba, terminal } = HEADLESS_CLIENTS
  const person = `Ada ${view.name.replace('-', ' ')}`
  const context = await openContext(browser, view)
  const page = await context.newPage()
  await page.goto(`${issuer}/phone`)
  await look(page, 'provider-phone-sign-in')
  await page.fill('[name=login]', person)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Nothing is waiting').waitFor()
  await look(page, 'provider-phone-empty')
  const asked = {
    scope: 'openid email write:reports',
    resource: `${issuer}/api/reports`,
    login_hint: person.toLowerCase().replaceAll(' ', '-'),
  }
  await post(`${issuer}/oauth/bc-authorize`, ciba, {
    ...asked,
    binding_message: 'Pay 123.50 EUR: K7-QX',
    authorization_details: JSON.stringify([PAYMENT]),
  })
  await page.getByText('K7-QX').waitFor()
  await look(page, 'provider-phone-asked')
  await page.getByRole('checkbox', { name: 'email' }).uncheck()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('Approved in part').waitFor()
  await look(page, 'provider-phone-decided')
  const device = await post(`${issuer}/oauth/device`, terminal, { scope: 'openid read:reports offline_access', resource: asked.resource })
  await page.goto(device.verification_uri)
  await look(page, 'provider-device-code')
  await page.goto(device.verification_uri_complete)
  await look(page, 'provider-device-question')
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.getByRole('heading', { name: 'Device allowed' }).waitFor()
  await look(page, 'provider-device-allowed')
  await context.close()
}

async function post(address, { clientId, clientSecret }, parameters) {
  const headers = clientSecret === undefined ? {} : { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }
  const body = new URLSearchParams({ ...(clientSecret === undefined && { client_id: clientId }), ...parameters })
  const response = await fetch(address, { method: 'POST', headers, body })
  return response.json()
}
