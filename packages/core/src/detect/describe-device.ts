/**
 * What a text written for people (a title, a realm, a greeting) says about the product, when no fingerprint knows it:
 * the maker's name or a model number gives it away, courtesy around it is dropped.
 *
 *   describeDevice('Welcome to NETGEAR DGN2200 - Login')  { product: 'NETGEAR DGN2200', vendor: 'NETGEAR', device: 'router' }
 *   describeDevice('TD-W8960N')                           { product: 'TD-W8960N' }
 *   describeDevice('Index of /')                          null
 */
import type { Known } from './fingerprint.ts'
import { isOffTopic } from './nobody.ts'
import { operatingSystem } from './operating-system.ts'
import { clean } from './text.ts'
import { VENDOR_WORDS } from './vendors.data.ts'
import { upstream, versionIn } from './version.ts'

/** Words of courtesy and navigation that belong to no product. */
const COURTESY =
  /\b(?:welcome to|welcome|log ?in|log ?on|sign ?in|log ?out|home ?page|main page|start ?page|index|default page|(?:web|http|remote|device|system|network|router|switch)?[ -]?(?:based )?(?:management(?! (?:module|controller|processor|card|homepage|center|server|software|suite|appliance|platform|information|system))|administration|admin|configuration|config|configurator|setup|control panel|interface|console|gui|utility|manager login|status|authentication|access|portal)|web ?(?:ui|server|page|site|access|client|user interface)|server at|please|loading|untitled document|authorized access|enter|your|user ?name|password|restricted|area|this is|powered by|ready|the|page)\b/gi
/** Addresses and host names say where, not what. */
const PLACES =
  /\[?[0-9a-f:]*::[0-9a-f:.]*\]?|(?<![\w.]|(?:version|release|ver|rev|firmware)[ .:v]{1,3})\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.])|\b(?:[a-z0-9-]{1,63}\.){2,8}[a-z]{2,24}\b|\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b|\b(?:BR[NW]|NPI|RNP|XRX_?|ET|KM|SEC|EPSON)(?=[0-9A-F]{0,5}\d)[0-9A-F]{6,12}\b/gi
/** `DGN2200`, `TD-W8960N`, `P-660HW-T1`, `SG300-10`: capitals and digits in one word. */
const MODEL = /(?<![\w-])(?=[\w-]{0,12}[A-Z])(?=[\w-]{0,12}\d)[A-Z][\w]{0,11}(?:-\w{1,10}){0,3}(?![\w-])/
/** `SRV01`, `PROD-FTP-2`: capitals and digits of somebody's own. */
const HOST_NUMBER =
  /^(?:[A-Z]+-)*[A-Z]*(?:MAIL|MX|FTP|SRV|SVR|SERVER|HOST|NODE|NS|WWW|WEB|PROD|DEV|TEST|DC|PC|VM|NAS|DB|APP|SMTP|POP|IMAP|BOX|FILE|BACKUP)[A-Z]*-?\d{1,2}$|^(?:MX\d+|EU|US)-[A-Z]{3,}(?:-\d+)?$/i
/** Texts shorter or longer than a product name. */
const MIN = 2
const MAX = 80

export function describeDevice(text: string): Known | null {
  const subject = clean(text, 256)
  if (isOffTopic(subject)) return null
  const maker = VENDOR_WORDS.find(({ word }) => word.test(subject))
  const model = MODEL.exec(subject)?.[0]
  if (
    maker === undefined &&
    (model === undefined ||
      HOST_NUMBER.test(model) ||
      /^(?:HTTP|UTF|ISO|RFC|IPV|SHA|MD|X|V|UTC|GMT|POP|IMAP|SMTP|NNTP|FTP|TLS|SSL)-?v?\d/i.test(model))
  )
    return null
  if (
    model === undefined &&
    ((maker?.family === undefined && isProse(subject)) ||
      isSomebodys(maker === undefined ? subject : subject.replace(maker.word, 'Maker'), EVERYDAY.test(subject)))
  )
    return null
  const told = maker === undefined ? null : versionIn(subject.replace(PLACES, ' '))
  // Behind a model, `v8` is the model's: its revision.
  const version = told !== null && !told.includes('.') && model !== undefined ? null : told
  const name = productName(subject, version) ?? maker?.family ?? model ?? null
  if (name === null) return null
  const system = operatingSystem(subject)
  return {
    product: name,
    ...(version === null ? {} : { version: upstream(version) }),
    ...(maker?.vendor ? { vendor: maker.vendor } : {}),
    ...(maker?.device ? { device: maker.device } : {}),
    ...(system === null ? {} : { os: system.name, cpe: system.cpe }),
  }
}

/** A maker of one kind of device: `Lexmark printer`. */
export const kindOf = (vendor: string | null, device: string | null): string | null =>
  vendor && device ? `${vendor} ${device.replace('-', ' ')}` : null

/** "Vacation photos from Canon City" is about no camera: no number, two small words that are no device and no courtesy. */
const isProse = (text: string): boolean =>
  !/\d/.test(text) &&
  ((text.replace(PLACES, ' ').replace(COURTESY, ' ').match(SMALL_WORD) ?? []).length >= 2 ||
    /^[A-Z]\w+ of [A-Z]/.test(text))

/**
 * "Brother & Sons Funeral Directors", "Cisco Garcia, Pintor", "Zeppelin GmbH": a name that belongs to people too. Tells:
 * a legal form, a possessive, an ampersand; or three words besides the maker's, neither a number nor what devices are called.
 */
const isSomebodys = (text: string, everyday: boolean): boolean =>
  !/\d/.test(text) &&
  (/\b(?:GmbH|Ltd|LLC|LLP|S\.?r\.?l|S\.?p\.?A)\b|\w's\b|^Maker(?:,| (?:&|and|und|et|y)) [A-Z]\w+|^Maker \w+, [A-Z]/.test(
    text,
  ) ||
    (text.replace(PLACES, ' ').replace(COURTESY, ' ').match(CAPITALISED) ?? []).filter((w) => !TRADE.test(w)).length >
      (everyday ? 1 : 2))
/** Makers whose names people have other uses for. */
const EVERYDAY = /^(?:brother|canon|sharp|apple|panasonic|epson|oracle|domino|lotus|axis|sony|philips)\b/i
const CAPITALISED = /(?<![\w-])[A-Z][a-z]{2,}(?![\w-])/g
/** What devices and programs are called. */
const TRADE =
  /^(?:Maker|Web|Net|Network|Networks|Wireless|Router|Switch|Gateway|Printer|Print|Camera|Cam|Video|Server|Client|Manager|Management|Controller|Control|Center|Centre|Console|Series|System|Systems|Device|Access|Point|Phone|Voice|Unified|Communications?|Integrated|Remote|Storage|Array|Power|Smart|Digital|Data|Security|Secure|Firewall|Mail|Email|Image|Monitor|Monitoring|Station|Base|Home|Office|Pro|Plus|Live|View|Viewer|Embedded|Ethernet|Fiber|Cable|Modem|Broadband|Mobile|Media|Service|Services|Online|Suite|Platform|Enterprise|Edition|Standard|Professional|Virtual|Cloud|Backup|Recorder|Interface|Module|Unit|Panel|Portal|Technologies|Technology|Electronics|Electric|Communication|Internet|Color|Laser|Jet|Multifunction|Dashboard|Express|Connect|Appliance|Adapter|Card|Bridge|Box|Hub|Studio)s?$/
const SMALL_WORD =
  /(?<=^|\s)(?!(?:device|network|printer|print|camera|router|switch|server|phone|modem|gateway|system|series|video|live|view)\b)[a-z]{2,}(?=$|[\s,.!?])/g

/** `Box 5.1 v5.1`: where it stands alone, not where it is part of a word. */
function withoutVersion(text: string, version: string): string {
  for (let at = text.indexOf(version); at >= 0; at = text.indexOf(version, at + 1))
    if (!/[A-Za-uw-z\d.]$/.test(text.slice(0, at))) return `${text.slice(0, at)} ${text.slice(at + version.length)}`
  return text.replace(version, ' ')
}

/** The text without courtesy, places, version and loose punctuation; null when too little or too much is left. */
function productName(text: string, version: string | null): string | null {
  const bare = (version === null ? text : withoutVersion(text, version))
    .replace(PLACES, ' ')
    .replace(COURTESY, ' ')
    .replace(/\b(?:version|ver|rev|release|firmware|v)\.?(?=\s|$)/gi, ' ')
    .replace(/[()[\]{}<>"|:;,*·»–—]+|\s[-–./]+(?=\s|$)|(?:^|\s)[-–./]+\s/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s\-.:_/]+|[\s\-.:_/]+$/g, '')
  return bare.length >= MIN && bare.length <= MAX && /[A-Za-z]/.test(bare) ? bare : null
}
