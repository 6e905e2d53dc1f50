// The phone-number API on Express 5, its JSON parser and zod.
//
// What the contract leaves open: a released number is never sold again,
// an import may repeat a number.

import { randomUUID } from 'node:crypto'

import express from 'express'
import { z } from 'zod'

export const HABITS = { // what is sent: what comes of it
  'a limit below 1': '400',
  '?limit=1e1, ?limit=0x10': 'read as a number',
  'a cursor that is no base64url': 'decoded as far as it goes',
  'another content type, or none': '400, +json too: there is no body then',
  'another charset': '415',
  'an empty body with the right content type': 'counts as {}',
  'a body above 100 kB': '413',
  'a compressed body': 'read',
  'bytes that are not UTF-8': 'read as U+FFFD',
  'malformed JSON, no key': '400 and a page of HTML: the body is read before the key is asked for',
  'a name twice in the query': '400',
  'the scheme in another case': '401',
  'a slash at the end, a path in another case': 'the same as without',
  'GET, PUT or DELETE of /search, /purchase': '422: taken for an id',
  'another method': '404 and a page of HTML, after the key; HEAD and OPTIONS get 200',
  'an ETag of before as If-None-Match': '304'
}

const CALLING_CODES = { US: '+1', GB: '+44' }

const SearchInput = z.object({
  prefix: z.string(),
  country: z.string().length(2).default('US'),
  limit: z.number().int().min(1).max(10).default(5)
})
const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).default(100),
  cursor: z.string().optional()
})
const PurchaseInput = z.object({ number: z.string() })
const SipTrunk = z.object({
  phoneNumber: z.string().regex(/^\+[1-9][0-9]{1,14}$/),
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

class Refusal extends Error {
  status = 422 // the contract documents no 404 and no 409
}

const forSale = new Map() // number -> country
for (const area of ['415', '212', '646', '503', '604']) {
  for (let line = 100; line < 200; line++) forSale.set(`+1${area}5550${line}`, 'US')
}
for (const area of ['2079460', '1214960']) {
  for (let line = 100; line < 200; line++) forSale.set(`+44${area}${line}`, 'GB')
}
const account = new Map() // id -> phone number
const positions = new Map() // id -> its place in the order of arrival
let arrivals = 0

function add (number, type = 'PSTN') {
  const phoneNumber = { id: randomUUID(), number, type, agentId: null }
  account.set(phoneNumber.id, phoneNumber)
  positions.set(phoneNumber.id, ++arrivals)
  return phoneNumber
}

function buy (number) {
  if (!forSale.delete(number)) throw new Refusal('This number is not for sale')
  return add(number)
}

function find (id) {
  const phoneNumber = account.get(id)
  if (!phoneNumber) throw new Refusal('No such phone number')
  return phoneNumber
}

function encodeCursor (position) {
  return Buffer.from(String(position)).toString('base64url')
}

function decodeCursor (cursor) {
  const position = Number(Buffer.from(cursor, 'base64url').toString())
  if (!Number.isInteger(position)) throw new Refusal('No such cursor')
  return position
}

function requireKey (req, res, next) {
  if (req.get('Authorization') !== `Bearer ${process.env.VOGENT_API_KEY}`) {
    return res.status(401).json({ error: 'Unauthorized' })
  }
  next()
}

const router = express.Router()

router.post('/purchase', (req, res) => {
  res.json(buy(PurchaseInput.parse(req.body).number))
})

router.post('/search', (req, res) => {
  const { prefix, country, limit } = SearchInput.parse(req.body)
  const start = (CALLING_CODES[country] ?? '') + prefix
  const found = [...forSale].filter(([n, where]) => where === country && n.startsWith(start))
  res.json(found.slice(0, limit).map(([number]) => ({ number })))
})

router.get('/', (req, res) => {
  const { limit, cursor } = PageQuery.parse(req.query)
  const after = cursor ? decodeCursor(cursor) : 0
  const rest = [...account.values()].filter(({ id }) => positions.get(id) > after)
  const data = rest.slice(0, limit)
  const more = rest.length > data.length
  res.json({ data, cursor: more ? encodeCursor(positions.get(data.at(-1).id)) : null })
})

router.post('/', (req, res) => {
  const input = CreateInput.parse(req.body)
  switch (input.type) {
    case 'purchase':
      return res.json(buy(input.purchase.number))
    case 'sip_import':
      return res.json(add(input.sipImport.phoneNumber))
    case 'vogent_sip':
      return res.json(add(input.vogentSip.sipPrefix, 'SIP_USERNAME'))
  }
})

router.get('/:id', (req, res) => {
  res.json(find(req.params.id))
})

router.put('/:id', (req, res) => {
  const phoneNumber = find(req.params.id)
  const { agentId } = UpdateInput.parse(req.body)
  if (agentId !== undefined) phoneNumber.agentId = agentId || null
  res.json(phoneNumber)
})

router.delete('/:id', (req, res) => {
  const phoneNumber = find(req.params.id)
  account.delete(phoneNumber.id)
  res.json(phoneNumber)
})

const app = express()
app.use(express.json())
app.use('/api/phone_numbers', requireKey, router)
app.use((err, req, res, next) => {
  if (err instanceof z.ZodError) return res.status(400).json({ errors: z.treeifyError(err) })
  if (err instanceof Refusal) return res.status(err.status).json({ error: err.message })
  next(err)
})

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`http://127.0.0.1:${server.address().port}/api`)
})
