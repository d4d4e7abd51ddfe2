/**
 * Text that came from the network. React writes it as text, never as markup; what remains are characters that lie about
 * the others: controls, and those that turn the direction of writing (Unicode TR 36, section 2.10.3). They are shown.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029\u115f\u1160\u3164\uffa0]/u
const PARTS = /([\p{Cc}\p{Cf}\u2028\u2029\u115f\u1160\u3164\uffa0])/gu

/** `\r`, `\x1b` or `U+202E`. */
function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (character === '\r') return '\\r'
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** As plain text, for attributes and titles. */
export const visible = (text: string) => text.replaceAll(PARTS, nameOf)

export function SafeText({ children }: { readonly children: string | null | undefined }) {
  if (!children) return null
  if (!UNSEEN.test(children)) return <bdi>{children}</bdi>
  return (
    <bdi>
      {children.split(PARTS).map((part, i) =>
        UNSEEN.test(part) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text do not move
          <span key={i} className="control-character">
            {nameOf(part)}
          </span>
        ) : (
          part
        ),
      )}
    </bdi>
  )
}
