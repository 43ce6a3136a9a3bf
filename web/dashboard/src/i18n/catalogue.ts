// The types of message catalogues, and the rendering of one message.

/**
 * Plural forms of a message, named after the plural categories of the language (Unicode CLDR).
 * `{count}` is the number.
 */
export type Plural = { readonly other: string } & { readonly [category in Intl.LDMLPluralRule]?: string };

export type Message = string | Plural;

/** The placeholders of a text: `used` and `limit` in `'{used} of {limit}'`. */
type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

type PlaceholdersOf<M> = M extends string
  ? Placeholder<M>
  : M extends Plural
    ? Placeholder<M[keyof M] & string> | 'count'
    : never;

/** The values that a message needs. `count` is a number and selects the plural form. */
export type Values<M> = { [Name in PlaceholdersOf<M>]: Name extends 'count' ? number : string | number };

/** The type of a translation of a catalogue. */
export type Translation<Catalogue> = {
  [Key in keyof Catalogue]: Catalogue[Key] extends string ? string : Plural;
};

/** Renders a message. Numbers are formatted for the language. */
export function render(message: Message, values: Readonly<Record<string, string | number>>, language: string): string {
  const text = typeof message === 'string' ? message : form(message, Number(values.count), language);
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : (value ?? whole);
  });
}

function form(message: Plural, count: number, language: string): string {
  return message[new Intl.PluralRules(language).select(count)] ?? message.other;
}
