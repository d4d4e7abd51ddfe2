/**
 * What operators write where they want nothing told, and words that name a kind of thing and nobody's product.
 *
 *   isNobody('Not your business')  true        isNobody('web01')  true        isNobody('Boa')  false
 *   isOffTopic('NETGEAR R7000 review')         a page about a product, not the product's
 */

const WORDS =
  /^(?:none|null|nil|hidden|private|secured?|unknown|undisclosed|undefined|unspecified|anonymous|generic|default|test|localhost|server|service|daemon|http|httpd?|https|web|www|web ?server|sip|sip ?server|pbx|rtsp|rtsp ?server|ssh|sftp|n\/a|x+|[\d.]+|\W*)$/i
const HOSTS =
  /^(?:(?:\d{1,3}\.){3}\d{1,3}|(?:web|www|srv|host|node|app)-?\d{1,3}|(?:[a-z0-9-]{1,63}\.){1,5}(?:com|net|org|edu|gov|info|biz|[a-z]{2}))$/
const SENTENCE = /^(?:this|not|no|go|you|we|i|my|your|nothing|nobody|nope|mind|who|what|why|go away)\b.* \w/i

export const isNobody = (name: string): boolean => WORDS.test(name) || HOSTS.test(name) || SENTENCE.test(name)

/** Names of products in shops, articles, schools and on road signs. */
const ELSEWHERE =
  /^index of \/|\b(?:manuals?|(?<!code )reviews?|toners?|cartridges?|buy|cheap|prices?|tickets?|hosting|trainings?|courses?|jobs|conference|blog|tutorials?|documentation|how ?to|vs\.?|society|school|hotel|restaurant|house|winery|museum|church|clinic|dental|plumbing|guild|records|road|street|arena|valley|city|recipes|download(?! ?(?:station|manager|master)))\b/i

/** A page that begins with the way in is a product's, whatever its site is called: `Log In < My Blog - WordPress`. */
const ENTRANCE = /^(?:log ?in|sign ?in|log ?on)\b(?! (?:to|with) )/i

export const isOffTopic = (text: string): boolean => ELSEWHERE.test(text) && !ENTRANCE.test(text)
