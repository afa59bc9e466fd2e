/** Breaches of what a team settled, put into right translations. */
import type { CheckInput, CheckSettings } from '../../../src/core/check';
import type { Plant } from '../plant';

const NOTHING: CheckSettings = { terms: [], register: undefined, variant: undefined };

function inLongest(unit: CheckInput, change: (text: string) => string): CheckInput | undefined {
  const longest = unit.target.reduce((best, field) => (field.text.length > best.text.length ? field : best));
  const text = change(longest.text);
  if (longest.text === '' || text === longest.text) return undefined;
  return { ...unit, target: unit.target.map(field => (field === longest ? { ...field, text } : field)) };
}

/** Informal words to a task, by target language; both are right German, Italian … */
const ADDRESSED: Readonly<Record<string, readonly [formal: string, informal: string]>> = {
  de: ['Begründen Sie Ihre Antwort.', 'Begründe deine Antwort.'],
  it: ['Come può vedere, Lei ha ragione.', 'Spiega la tua risposta.'],
  es: ['Explique usted la respuesta.', 'Explica tu respuesta.'],
  zh: ['请说明您的理由。', '请说明你的理由。'],
  ru: ['Объясните ваш ответ.', 'Объясни твой ответ.'],
};
const SPEAKER = /(?<![\p{L}'’])(?:I|I['’]\p{L}{1,2}|me|my|mine|we|us|our|dear)(?![\p{L}'’])/iu;

const SIMPLIFIED = '这们来时对说国过还没学会开东车书长问间实样头点门风';
const TRADITIONAL = '這們來時對說國過還沒學會開東車書長問間實樣頭點門風';

function register(unit: CheckInput, wanted: 'formal' | 'informal'): CheckInput | undefined {
  const [formal, informal] = ADDRESSED[unit.targetLang.split('-')[0]!] ?? [];
  const [task] = unit.source;
  if (formal === undefined || task?.name !== 'instruction') return undefined;
  if (SPEAKER.test(task.text) || /[{}<>=;"“]/.test(task.text)) return undefined;
  const said = wanted === 'formal' ? informal! : formal;
  const target = unit.target.map(field =>
    field.name === 'instruction' ? { ...field, text: `${field.text} ${said}` } : field,
  );
  return { ...unit, target, settings: { ...NOTHING, ...unit.settings, register: wanted } };
}

export const PLANTS: readonly Plant[] = [
  {
    check: 'glossary',
    kind: 'missing',
    plant: unit => {
      const field = unit.source.find(({ text }) => /(?<![\p{L}-])[a-z]{6,}(?![\p{L}-])/u.test(text));
      const source = field && /(?<=^|[a-z] )[a-z]{6,12}(?= [a-z]|[.,]$)/.exec(field.text)?.[0];
      if (source === undefined || /[{}<>=;_/]/.test(field!.text)) return undefined;
      const same = unit.target.find(({ name }) => name === field!.name);
      if (!same?.text.trim() || same.text === field!.text) return undefined;
      const terms = [{ source, target: 'Quxzelflorb', rule: 'must' as const }];
      return { ...unit, settings: { ...NOTHING, ...unit.settings, terms } };
    },
  },
  {
    check: 'glossary',
    kind: 'forbidden',
    plant: (unit, random) => {
      const terms = [{ source: '', target: 'Quxzelflorb', rule: 'forbidden' as const }];
      const planted = inLongest(unit, text =>
        random() < 0.5 ? `${text} Quxzelflorb.` : `Quxzelflorb: ${text}`,
      );
      return planted && { ...planted, settings: { ...NOTHING, ...unit.settings, terms } };
    },
  },
  { check: 'register', kind: 'informal', plant: unit => register(unit, 'formal') },
  { check: 'register', kind: 'formal', plant: unit => register(unit, 'informal') },
  {
    check: 'variant',
    kind: 'traditional',
    plant: unit => {
      if (!/^zh\b/.test(unit.targetLang)) return undefined;
      if (
        unit.source.some(({ text }) =>
          /traditional|simplified|hanzi|kanji|calligraphy|Chinese char/i.test(text),
        )
      )
        return undefined;
      let changed = 0;
      const planted = inLongest(unit, text =>
        /[“”"‘’《「]/.test(text)
          ? text
          : Array.from(text)
              .map(letter => {
                const at = SIMPLIFIED.indexOf(letter);
                if (at < 0) return letter;
                changed++;
                return TRADITIONAL[at]!;
              })
              .join(''),
      );
      if (!planted || changed < 2) return undefined;
      return { ...planted, settings: { ...NOTHING, ...unit.settings, variant: 'Hans' } };
    },
  },
];
