import { defineFunction, defineTool, z } from '@countersign/server'

const kitchens = [
  { label: 'Thai', value: 'Thai' },
  { label: 'Italian', value: 'Italian' },
  { label: 'Lebanese', value: 'Lebanese', description: 'Twenty minutes on foot' },
]
const needs = [
  { label: 'Vegetarian', value: 'vegetarian' },
  { label: 'Vegan', value: 'vegan' },
  { label: 'Without gluten', value: 'gluten-free' },
  { label: 'Without nuts', value: 'nut-free' },
]
const times = ['11:30', '12:00', '12:30', '13:00', '13:30'].map((time) => ({ label: time, value: time }))

/** Asks, one after another, what a lunch depends on. After each answer the tool is entered anew, and its earlier questions give their answers at once. */
export const planLunch = defineFunction({
  type: 'plan_lunch',
  config: z.strictObject({}),
  create: (_config, name) =>
    defineTool({
      name,
      description: 'Plans the lunch of the team.',
      input: z.strictObject({}),
      examples: ['Plan the team lunch', 'What do we eat today?'],
      async execute(_input, { ask }) {
        const kitchen = await ask({ kind: 'radio', text: 'Which kitchen is it today?', options: kitchens })
        const time = await ask({ kind: 'dropdown', text: 'When does everybody have time?', options: times })
        const diets = await ask({ kind: 'checkbox', text: 'What must there be something for?', options: needs })
        const place = await ask({
          kind: 'binary_choice',
          text: 'Where do you eat?',
          options: [
            { label: 'At the restaurant', value: 'at the restaurant' },
            { label: 'At the office', value: 'at the office' },
          ],
        })
        const note = await ask({
          kind: 'text',
          text: 'Is there anything else to tell the kitchen?',
          placeholder: 'No coriander',
          required: false,
        })
        await ask({ kind: 'notification', text: `The ${kitchen} kitchen has been told.` })
        const wishes = [...diets, ...(note.trim() === '' ? [] : [`“${note.trim()}”`])]
        return { sentence: `${kitchen} food at ${time}, ${place}${wishes.length === 0 ? '' : ` (${wishes.join(', ')})`}.` }
      },
    }),
})
