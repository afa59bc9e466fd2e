/** A letter to a customer with a placeholder, and its translation with and without a mistake in that. */
export const SOURCE = 'Dear {{name}}, your order has left our house and will be with you on Friday.';
export const WRONG = 'Gentile {{nome}}, il suo ordine ha lasciato la nostra casa e sarà da lei venerdì.';
export const RIGHT = WRONG.replace('nome', 'name');

/** A record whose output is a letter. @param lang of the target */
export function letter(id: string, source: string, target: string, lang = 'it'): string {
  const side = (instruction: string, output: string) => ({ instruction, input: '', output });
  const instruction = { it: 'Scrivi una breve lettera.', ar: 'اكتب رسالة قصيرة.' }[lang] ?? '';
  return JSON.stringify({
    id,
    source: side('Write a short letter.', source),
    target: side(instruction, target),
    source_lang: 'en',
    target_lang: lang,
  });
}
