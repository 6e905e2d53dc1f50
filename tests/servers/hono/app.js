// The phone-number API on Hono's Node server: its bearer middleware, its validator and zod.
//
// What the contract leaves open: a released number is for sale again,
// an import may repeat a number.

import { randomUUID } from 'node:crypto'

import { serve } from '@hono/node-server'
import { zValidator } from '@hono/zod-validator'
import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'

export const HABITS = { // what is sent: what comes of it
  'a limit below 1': '400',
  '?limit=1e1, ?limit=0x10, ?cursor=': 'read as a number',
  'a number of fewer than 7 digits to import': '400: less than E.164 allows',
  'another content type, or none': 'counts as {}: a search gets 400, an update 200 and no change',
  'bytes that are not UTF-8': 'read as U+FFFD',
  'a name twice in the query': '400',
  'the scheme in another case': 'accepted',
  'another scheme, a key that is no token': '400, as RFC 6750 has it for a malformed request',
  'a slash at the end': '404',
  'an id . or ..': '404: resolved as in any URL',
  'GET, PUT or DELETE of /search, /purchase': '422: taken for an id',
  'another method': '404, after the key; HEAD gets 200'
}

const CALLING_CODES = { US: '+1', GB: '+44' }

const SearchInput = z.object({
  prefix: z.string(),
  country: z.string().length(2).default('US'),
  limit: z.int().min(1).max(10).default(5)
})
const PageQuery = z.object({
  limit: z.coerce.number().int().positive().default(100),
  cursor: z.coerce.number().int().default(0)
})
const PurchaseInput = z.object({ number: z.string() })
const SipTrunk = z.object({
  phoneNumber: z.e164(),
  terminationUri: z.string(),
  username: z.string(),
  password: z.string()
})
const SipUser = z.object({
  sipPrefix: z.string(),
  username: z.string().min(5),
  password: z.string().min(5)
})
const CreateInput = z.discriminatedUnion('type', [
  z.object({ type: z.literal('purchase'), purchase: PurchaseInput }),
  z.object({ type: z.literal('sip_import'), sipImport: SipTrunk }),
  z.object({ type: z.literal('vogent_sip'), vogentSip: SipUser })
])
const UpdateInput = z.object({ agentId: z.string().optional() })

const forSale = new Map() // number -> country
for (const area of ['415', '212', '646', '602', '604']) {
  for (let line = 100; line < 200; line++) forSale.set(`+1${area}5550${line}`, 'US')
}
for (const area of ['2079460', '1184960']) {
  for (let line = 100; line < 200; line++) forSale.set(`+44${area}${line}`, 'GB')
}
const account = new Map() // id -> what is kept of a phone number
let arrivals = 0

function add (number, type = 'PSTN', boughtIn = null) {
  const shown = { id: randomUUID(), number, type, agentId: null }
  account.set(shown.id, { shown, boughtIn, position: ++arrivals })
  return shown
}

function buy (number) {
  const country = forSale.get(number)
  if (!country) throw new HTTPException(422, { message: 'This number is not for sale' })
  forSale.delete(number)
  return add(number, 'PSTN', country)
}

function find (id) {
  const kept = account.get(id) // the contract documents no 404
  if (!kept) throw new HTTPException(422, { message: 'No such phone number' })
  return kept
}

const api = new Hono().basePath('/api/phone_numbers')

api.use(bearerAuth({ token: process.env.VOGENT_API_KEY }))

api.post('/purchase', zValidator('json', PurchaseInput), (c) => {
  return c.json(buy(c.req.valid('json').number))
})

api.post('/search', zValidator('json', SearchInput), (c) => {
  const { prefix, country, limit } = c.req.valid('json')
  const start = (CALLING_CODES[country] ?? '') + prefix
  const found = [...forSale].filter(([n, where]) => where === country && n.startsWith(start))
  return c.json(found.slice(0, limit).map(([number]) => ({ number })))
})

api.get('/', zValidator('query', PageQuery), (c) => {
  const { limit, cursor } = c.req.valid('query')
  const rest = [...account.values()].filter(({ position }) => position > cursor)
  const page = rest.slice(0, limit)
  return c.json({
    data: page.map(({ shown }) => shown),
    cursor: rest.length > limit ? String(page.at(-1).position) : null
  })
})

api.post('/', zValidator('json', CreateInput), (c) => {
  const input = c.req.valid('json')
  switch (input.type) {
    case 'purchase':
      return c.json(buy(input.purchase.number))
    case 'sip_import':
      return c.json(add(input.sipImport.phoneNumber))
    case 'vogent_sip':
      return c.json(add(input.vogentSip.sipPrefix, 'SIP_USERNAME'))
  }
})

api.get('/:id', (c) => c.json(find(c.req.param('id')).shown))

api.put('/:id', zValidator('json', UpdateInput), (c) => {
  const { shown } = find(c.req.param('id'))
  const { agentId } = c.req.valid('json')
  if (agentId !== undefined) shown.agentId = agentId || null
  return c.json(shown)
})

api.delete('/:id', (c) => {
  const { shown, boughtIn } = find(c.req.param('id'))
  account.delete(shown.id)
  if (boughtIn) forSale.set(shown.number, boughtIn)
  return c.json(shown)
})

serve({ fetch: api.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 0) }, (info) => {
  console.log(`http://127.0.0.1:${info.port}/api`)
})
