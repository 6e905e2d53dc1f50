// The phone-number API on Fastify 5: JSON schemas as Fastify compiles them, @fastify/bearer-auth.
//
// What the contract leaves open: a released number is for sale again,
// an import may repeat a number.

import { randomUUID } from 'node:crypto'

import bearerAuth from '@fastify/bearer-auth'
import Fastify from 'fastify'

export const HABITS = { // what is sent: what comes of it
  'another type for a string or an integer': 'coerced: 5 to "5", null to "" and 0, true to 1',
  'a scalar as the one item of an array': 'taken out of it',
  'agentId null': 'unlinks, like ""',
  'a limit below 0; of a page, below 1': '400',
  '?limit=1e1, ?limit=0x10': 'read as a number',
  'another content type, or none': '415, +json too; of text/plain, 400',
  'a body above 1 MiB': '413',
  'bytes that are not UTF-8': 'read as U+FFFD',
  'the key __proto__ in an object': '400',
  'DELETE with a content type and no body': '400',
  'a name twice in the query': '400',
  'the scheme in another case': '401',
  'a slash at the end': '404, except for the list, which is the same as without',
  'an id above 100 characters': '414',
  'GET, PUT or DELETE of /search, /purchase': 'taken for an id',
  'another method': '404, before the key; HEAD gets 200'
}

const CALLING_CODES = { US: '+1', GB: '+44' }

const string = { type: 'string' }
const needed = { type: 'string', minLength: 1 } // null is coerced to '', and is none
const PhoneNumber = {
  type: 'object',
  required: ['id', 'number', 'type', 'agentId'],
  properties: {
    id: string,
    number: string,
    type: { type: 'string', enum: ['PSTN', 'SIP_USERNAME'] },
    agentId: { type: 'string', nullable: true }
  }
}
const PhoneNumberPage = {
  type: 'object',
  required: ['data', 'cursor'],
  properties: {
    data: { type: 'array', items: PhoneNumber },
    cursor: { type: 'string', nullable: true }
  }
}
const AvailablePhoneNumbers = {
  type: 'array',
  items: { type: 'object', required: ['number'], properties: { number: string } }
}
const SearchInput = {
  type: 'object',
  required: ['prefix'],
  properties: {
    prefix: string,
    country: { type: 'string', minLength: 2, maxLength: 2, default: 'US' },
    limit: { type: 'integer', minimum: 0, maximum: 10, default: 5 }
  }
}
const PageQuery = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, default: 100 }, cursor: string }
}
const PurchaseInput = { type: 'object', required: ['number'], properties: { number: string } }
const SipTrunk = {
  type: 'object',
  required: ['phoneNumber', 'terminationUri', 'username', 'password'],
  properties: {
    phoneNumber: { type: 'string', pattern: '^\\+[1-9][0-9]{1,14}$' },
    terminationUri: needed,
    username: needed,
    password: needed
  }
}
const SipUser = {
  type: 'object',
  required: ['sipPrefix', 'username', 'password'],
  properties: {
    sipPrefix: needed,
    username: { type: 'string', minLength: 5 },
    password: { type: 'string', minLength: 5 }
  }
}
const way = (type, name, schema) => ({
  type: 'object',
  required: ['type', name],
  properties: { type: { const: type }, [name]: schema }
})
const CreateInput = {
  oneOf: [
    way('purchase', 'purchase', PurchaseInput),
    way('sip_import', 'sipImport', SipTrunk),
    way('vogent_sip', 'vogentSip', SipUser)
  ]
}
const UpdateInput = { type: 'object', properties: { agentId: string } }

const forSale = new Map() // number -> country
for (const area of ['415', '212', '646', '303', '604']) {
  for (let line = 100; line < 200; line++) forSale.set(`+1${area}5550${line}`, 'US')
}
for (const area of ['2079460', '1174960']) {
  for (let line = 100; line < 200; line++) forSale.set(`+44${area}${line}`, 'GB')
}
const account = new Map() // id -> phone number
let arrivals = 0

function refusal (message) {
  return Object.assign(new Error(message), { statusCode: 422 }) // no 404, no 409 is documented
}

function add (number, type = 'PSTN', boughtIn = null) {
  const phoneNumber = { id: randomUUID(), number, type, agentId: null }
  Object.assign(phoneNumber, { boughtIn, position: ++arrivals }) // not in the response's schema
  account.set(phoneNumber.id, phoneNumber)
  return phoneNumber
}

function buy (number) {
  const country = forSale.get(number)
  if (!country) throw refusal('This number is not for sale')
  forSale.delete(number)
  return add(number, 'PSTN', country)
}

function find (id) {
  if (!account.has(id)) throw refusal('No such phone number')
  return account.get(id)
}

async function phoneNumbers (fastify) {
  const answers = (schema) => ({ response: { 200: schema } })

  fastify.register(bearerAuth, { keys: [process.env.VOGENT_API_KEY] })

  fastify.post(
    '/purchase',
    { schema: { body: PurchaseInput, ...answers(PhoneNumber) } },
    async (request) => buy(request.body.number)
  )

  fastify.post(
    '/search',
    { schema: { body: SearchInput, ...answers(AvailablePhoneNumbers) } },
    async (request) => {
      const { prefix, country, limit } = request.body
      const start = (CALLING_CODES[country] ?? '') + prefix
      return [...forSale]
        .filter(([number, where]) => where === country && number.startsWith(start))
        .slice(0, limit)
        .map(([number]) => ({ number }))
    }
  )

  fastify.get(
    '/',
    { schema: { querystring: PageQuery, ...answers(PhoneNumberPage) } },
    async (request) => {
      const { limit, cursor } = request.query
      const after = Number(cursor ?? 0)
      if (!Number.isInteger(after)) throw refusal('No such cursor')
      const rest = [...account.values()].filter(({ position }) => position > after)
      const data = rest.slice(0, limit)
      return { data, cursor: rest.length > limit ? String(data.at(-1).position) : null }
    }
  )

  fastify.post(
    '/',
    { schema: { body: CreateInput, ...answers(PhoneNumber) } },
    async ({ body }) => {
      if (body.type === 'purchase') return buy(body.purchase.number)
      if (body.type === 'sip_import') return add(body.sipImport.phoneNumber)
      return add(body.vogentSip.sipPrefix, 'SIP_USERNAME')
    }
  )

  fastify.get(
    '/:id',
    { schema: answers(PhoneNumber) },
    async (request) => find(request.params.id)
  )

  fastify.put(
    '/:id',
    { schema: { body: UpdateInput, ...answers(PhoneNumber) } },
    async (request) => {
      const phoneNumber = find(request.params.id)
      const { agentId } = request.body
      if (agentId !== undefined) phoneNumber.agentId = agentId || null
      return phoneNumber
    }
  )

  fastify.delete(
    '/:id',
    { schema: answers(PhoneNumber) },
    async (request) => {
      const phoneNumber = find(request.params.id)
      account.delete(phoneNumber.id)
      if (phoneNumber.boughtIn) forSale.set(phoneNumber.number, phoneNumber.boughtIn)
      return phoneNumber
    }
  )
}

const fastify = Fastify()
fastify.register(phoneNumbers, { prefix: '/api/phone_numbers' })

const port = Number(process.env.PORT ?? 0)
console.log(`${await fastify.listen({ port, host: '127.0.0.1' })}/api`)
