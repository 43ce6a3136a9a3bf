// What a catalogue of messages is made of, and how one message becomes text.

/** Forms of a message by number, named after the plural categories of the language (Unicode CLDR); `{count}` is the number. */
export type Plural = { readonly other: string } & { readonly [category in Intl.LDMLPluralRule]?: string };

export type Message = string | Plural;

/** The names between braces: `'{used} of {limit}'` wants `used` and `limit`. */
type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

type PlaceholdersOf<M> = M extends string
  ? Placeholder<M>
  : M extends Plural
    ? Placeholder<M[keyof M] & string> | 'count'
    : never;

/** What a message has to be given. `count` is a number, which decides the form. */
export type Values<M> = { [Name in PlaceholdersOf<M>]: Name extends 'count' ? number : string | number };

/** Another language's words for the same messages. */
export type Translation<Catalogue> = {
  [Key in keyof Catalogue]: Catalogue[Key] extends string ? string : Plural;
};

/** The text of a message in a language. Numbers are written as the language writes them. */
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
