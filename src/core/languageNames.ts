/**
 * Names of languages in the languages that translations are asked for in. They stand here, and not in the tables of the machine
 * (`Intl.DisplayNames`), since those change from one version of Node to the next, and the same export is to have the same bytes.
 */
import type { Lang } from './record';

/** The languages that the names are in, in the order of each row. */
const IN = ['en', 'it', 'es', 'de', 'zh', 'ar'] as const;

/** As they stand within a sentence; what tells varieties is in brackets, which are never declined: “Chinesisch (Vereinfacht)”. */
// prettier-ignore
const NAMES: Readonly<Record<string, readonly string[]>> = {
  af: ['Afrikaans', 'afrikaans', 'afrikáans', 'Afrikaans', '南非荷兰语', 'الأفريقانية'],
  am: ['Amharic', 'amarico', 'amárico', 'Amharisch', '阿姆哈拉语', 'الأمهرية'],
  ar: ['Arabic', 'arabo', 'árabe', 'Arabisch', '阿拉伯语', 'العربية'],
  az: ['Azerbaijani', 'azerbaigiano', 'azerbaiyano', 'Aserbaidschanisch', '阿塞拜疆语', 'الأذربيجانية'],
  be: ['Belarusian', 'bielorusso', 'bielorruso', 'Belarussisch', '白俄罗斯语', 'البيلاروسية'],
  bg: ['Bulgarian', 'bulgaro', 'búlgaro', 'Bulgarisch', '保加利亚语', 'البلغارية'],
  bn: ['Bangla', 'bengalese', 'bengalí', 'Bengalisch', '孟加拉语', 'البنغالية'],
  bs: ['Bosnian', 'bosniaco', 'bosnio', 'Bosnisch', '波斯尼亚语', 'البوسنية'],
  ca: ['Catalan', 'catalano', 'catalán', 'Katalanisch', '加泰罗尼亚语', 'الكتالانية'],
  cs: ['Czech', 'ceco', 'checo', 'Tschechisch', '捷克语', 'التشيكية'],
  cy: ['Welsh', 'gallese', 'galés', 'Walisisch', '威尔士语', 'الويلزية'],
  da: ['Danish', 'danese', 'danés', 'Dänisch', '丹麦语', 'الدانمركية'],
  de: ['German', 'tedesco', 'alemán', 'Deutsch', '德语', 'الألمانية'],
  'de-AT': ['German (Austria)', 'tedesco (Austria)', 'alemán (Austria)', 'Deutsch (Österreich)', '德语（奥地利）', 'الألمانية (النمسا)'],
  'de-CH': ['German (Switzerland)', 'tedesco (Svizzera)', 'alemán (Suiza)', 'Deutsch (Schweiz)', '德语（瑞士）', 'الألمانية (سويسرا)'],
  el: ['Greek', 'greco', 'griego', 'Griechisch', '希腊语', 'اليونانية'],
  en: ['English', 'inglese', 'inglés', 'Englisch', '英语', 'الإنجليزية'],
  'en-GB': ['English (United Kingdom)', 'inglese (Regno Unito)', 'inglés (Reino Unido)', 'Englisch (Vereinigtes Königreich)', '英语（英国）', 'الإنجليزية (المملكة المتحدة)'],
  'en-US': ['English (United States)', 'inglese (Stati Uniti)', 'inglés (Estados Unidos)', 'Englisch (Vereinigte Staaten)', '英语（美国）', 'الإنجليزية (الولايات المتحدة)'],
  es: ['Spanish', 'spagnolo', 'español', 'Spanisch', '西班牙语', 'الإسبانية'],
  'es-419': ['Spanish (Latin America)', 'spagnolo (America Latina)', 'español (Latinoamérica)', 'Spanisch (Lateinamerika)', '西班牙语（拉丁美洲）', 'الإسبانية (أمريكا اللاتينية)'],
  'es-ES': ['Spanish (Spain)', 'spagnolo (Spagna)', 'español (España)', 'Spanisch (Spanien)', '西班牙语（西班牙）', 'الإسبانية (إسبانيا)'],
  'es-MX': ['Spanish (Mexico)', 'spagnolo (Messico)', 'español (México)', 'Spanisch (Mexiko)', '西班牙语（墨西哥）', 'الإسبانية (المكسيك)'],
  et: ['Estonian', 'estone', 'estonio', 'Estnisch', '爱沙尼亚语', 'الإستونية'],
  eu: ['Basque', 'basco', 'euskera', 'Baskisch', '巴斯克语', 'الباسكية'],
  fa: ['Persian', 'persiano', 'persa', 'Persisch', '波斯语', 'الفارسية'],
  fi: ['Finnish', 'finlandese', 'finés', 'Finnisch', '芬兰语', 'الفنلندية'],
  fil: ['Filipino', 'filippino', 'filipino', 'Filipino', '菲律宾语', 'الفلبينية'],
  fr: ['French', 'francese', 'francés', 'Französisch', '法语', 'الفرنسية'],
  'fr-CA': ['French (Canada)', 'francese (Canada)', 'francés (Canadá)', 'Französisch (Kanada)', '法语（加拿大）', 'الفرنسية (كندا)'],
  ga: ['Irish', 'irlandese', 'irlandés', 'Irisch', '爱尔兰语', 'الأيرلندية'],
  gl: ['Galician', 'galiziano', 'gallego', 'Galicisch', '加利西亚语', 'الجاليكية'],
  gu: ['Gujarati', 'gujarati', 'guyaratí', 'Gujarati', '古吉拉特语', 'الغوجاراتية'],
  ha: ['Hausa', 'hausa', 'hausa', 'Haussa', '豪萨语', 'الهوسا'],
  he: ['Hebrew', 'ebraico', 'hebreo', 'Hebräisch', '希伯来语', 'العبرية'],
  hi: ['Hindi', 'hindi', 'hindi', 'Hindi', '印地语', 'الهندية'],
  hr: ['Croatian', 'croato', 'croata', 'Kroatisch', '克罗地亚语', 'الكرواتية'],
  hu: ['Hungarian', 'ungherese', 'húngaro', 'Ungarisch', '匈牙利语', 'الهنغارية'],
  hy: ['Armenian', 'armeno', 'armenio', 'Armenisch', '亚美尼亚语', 'الأرمنية'],
  id: ['Indonesian', 'indonesiano', 'indonesio', 'Indonesisch', '印度尼西亚语', 'الإندونيسية'],
  ig: ['Igbo', 'igbo', 'igbo', 'Igbo', '伊博语', 'الإيجبو'],
  is: ['Icelandic', 'islandese', 'islandés', 'Isländisch', '冰岛语', 'الأيسلندية'],
  it: ['Italian', 'italiano', 'italiano', 'Italienisch', '意大利语', 'الإيطالية'],
  ja: ['Japanese', 'giapponese', 'japonés', 'Japanisch', '日语', 'اليابانية'],
  jv: ['Javanese', 'giavanese', 'javanés', 'Javanisch', '爪哇语', 'الجاوية'],
  ka: ['Georgian', 'georgiano', 'georgiano', 'Georgisch', '格鲁吉亚语', 'الجورجية'],
  kk: ['Kazakh', 'kazako', 'kazajo', 'Kasachisch', '哈萨克语', 'الكازاخستانية'],
  km: ['Khmer', 'khmer', 'jemer', 'Khmer', '高棉语', 'الخميرية'],
  kn: ['Kannada', 'kannada', 'canarés', 'Kannada', '卡纳达语', 'الكانادا'],
  ko: ['Korean', 'coreano', 'coreano', 'Koreanisch', '韩语', 'الكورية'],
  ky: ['Kyrgyz', 'kirghiso', 'kirguís', 'Kirgisisch', '吉尔吉斯语', 'القيرغيزية'],
  lo: ['Lao', 'lao', 'lao', 'Laotisch', '老挝语', 'اللاوية'],
  lt: ['Lithuanian', 'lituano', 'lituano', 'Litauisch', '立陶宛语', 'الليتوانية'],
  lv: ['Latvian', 'lettone', 'letón', 'Lettisch', '拉脱维亚语', 'اللاتفية'],
  mk: ['Macedonian', 'macedone', 'macedonio', 'Mazedonisch', '马其顿语', 'المقدونية'],
  ml: ['Malayalam', 'malayalam', 'malayálam', 'Malayalam', '马拉雅拉姆语', 'المالايالامية'],
  mn: ['Mongolian', 'mongolo', 'mongol', 'Mongolisch', '蒙古语', 'المنغولية'],
  mr: ['Marathi', 'marathi', 'maratí', 'Marathi', '马拉地语', 'الماراثية'],
  ms: ['Malay', 'malese', 'malayo', 'Malaiisch', '马来语', 'الماليزية'],
  mt: ['Maltese', 'maltese', 'maltés', 'Maltesisch', '马耳他语', 'المالطية'],
  my: ['Burmese', 'birmano', 'birmano', 'Birmanisch', '缅甸语', 'البورمية'],
  nb: ['Norwegian Bokmål', 'norvegese bokmål', 'noruego bokmal', 'Norwegisch (Bokmål)', '书面挪威语', 'النرويجية بوكمال'],
  ne: ['Nepali', 'nepalese', 'nepalí', 'Nepalesisch', '尼泊尔语', 'النيبالية'],
  nl: ['Dutch', 'olandese', 'neerlandés', 'Niederländisch', '荷兰语', 'الهولندية'],
  no: ['Norwegian', 'norvegese', 'noruego', 'Norwegisch', '挪威语', 'النرويجية'],
  or: ['Odia', 'odia', 'oriya', 'Oriya', '奥里亚语', 'الأورية'],
  pa: ['Punjabi', 'punjabi', 'punyabí', 'Punjabi', '旁遮普语', 'البنجابية'],
  pl: ['Polish', 'polacco', 'polaco', 'Polnisch', '波兰语', 'البولندية'],
  ps: ['Pashto', 'pashto', 'pastún', 'Paschtu', '普什图语', 'البشتو'],
  pt: ['Portuguese', 'portoghese', 'portugués', 'Portugiesisch', '葡萄牙语', 'البرتغالية'],
  'pt-BR': ['Portuguese (Brazil)', 'portoghese (Brasile)', 'portugués (Brasil)', 'Portugiesisch (Brasilien)', '葡萄牙语（巴西）', 'البرتغالية (البرازيل)'],
  'pt-PT': ['Portuguese (Portugal)', 'portoghese (Portogallo)', 'portugués (Portugal)', 'Portugiesisch (Portugal)', '葡萄牙语（葡萄牙）', 'البرتغالية (البرتغال)'],
  ro: ['Romanian', 'rumeno', 'rumano', 'Rumänisch', '罗马尼亚语', 'الرومانية'],
  ru: ['Russian', 'russo', 'ruso', 'Russisch', '俄语', 'الروسية'],
  si: ['Sinhala', 'singalese', 'cingalés', 'Singhalesisch', '僧伽罗语', 'السنهالية'],
  sk: ['Slovak', 'slovacco', 'eslovaco', 'Slowakisch', '斯洛伐克语', 'السلوفاكية'],
  sl: ['Slovenian', 'sloveno', 'esloveno', 'Slowenisch', '斯洛文尼亚语', 'السلوفانية'],
  so: ['Somali', 'somalo', 'somalí', 'Somali', '索马里语', 'الصومالية'],
  sq: ['Albanian', 'albanese', 'albanés', 'Albanisch', '阿尔巴尼亚语', 'الألبانية'],
  sr: ['Serbian', 'serbo', 'serbio', 'Serbisch', '塞尔维亚语', 'الصربية'],
  st: ['Southern Sotho', 'sotho del sud', 'sotho meridional', 'Süd-Sotho', '南索托语', 'السوتو الجنوبية'],
  su: ['Sundanese', 'sundanese', 'sundanés', 'Sundanesisch', '巽他语', 'السوندانية'],
  sv: ['Swedish', 'svedese', 'sueco', 'Schwedisch', '瑞典语', 'السويدية'],
  sw: ['Swahili', 'swahili', 'suajili', 'Suaheli', '斯瓦希里语', 'السواحلية'],
  ta: ['Tamil', 'tamil', 'tamil', 'Tamil', '泰米尔语', 'التاميلية'],
  te: ['Telugu', 'telugu', 'telugu', 'Telugu', '泰卢固语', 'التيلوغوية'],
  tg: ['Tajik', 'tagico', 'tayiko', 'Tadschikisch', '塔吉克语', 'الطاجيكية'],
  th: ['Thai', 'thailandese', 'tailandés', 'Thailändisch', '泰语', 'التايلاندية'],
  tr: ['Turkish', 'turco', 'turco', 'Türkisch', '土耳其语', 'التركية'],
  uk: ['Ukrainian', 'ucraino', 'ucraniano', 'Ukrainisch', '乌克兰语', 'الأوكرانية'],
  ur: ['Urdu', 'urdu', 'urdu', 'Urdu', '乌尔都语', 'الأوردية'],
  uz: ['Uzbek', 'uzbeco', 'uzbeko', 'Usbekisch', '乌兹别克语', 'الأوزبكية'],
  vi: ['Vietnamese', 'vietnamita', 'vietnamita', 'Vietnamesisch', '越南语', 'الفيتنامية'],
  xh: ['Xhosa', 'xhosa', 'xhosa', 'Xhosa', '科萨语', 'الخوسا'],
  yo: ['Yoruba', 'yoruba', 'yoruba', 'Yoruba', '约鲁巴语', 'اليوروبا'],
  yue: ['Cantonese', 'cantonese', 'cantonés', 'Kantonesisch', '粤语', 'الكَنْتُونية'],
  zh: ['Chinese', 'cinese', 'chino', 'Chinesisch', '中文', 'الصينية'],
  'zh-CN': ['Chinese (China)', 'cinese (Cina)', 'chino (China)', 'Chinesisch (China)', '中文（中国）', 'الصينية (الصين)'],
  'zh-HK': ['Chinese (Hong Kong SAR China)', 'cinese (RAS di Hong Kong)', 'chino (RAE de Hong Kong [China])', 'Chinesisch (Sonderverwaltungsregion Hongkong)', '中文（中国香港特别行政区）', 'الصينية (هونغ كونغ الصينية [منطقة إدارية خاصة])'],
  'zh-TW': ['Chinese (Taiwan)', 'cinese (Taiwan)', 'chino (Taiwán)', 'Chinesisch (Taiwan)', '中文（台湾）', 'الصينية (تايوان)'],
  'zh-Hans': ['Chinese (Simplified)', 'cinese (semplificato)', 'chino (simplificado)', 'Chinesisch (Vereinfacht)', '中文（简体）', 'الصينية (المبسطة)'],
  'zh-Hant': ['Chinese (Traditional)', 'cinese (tradizionale)', 'chino (tradicional)', 'Chinesisch (Traditionell)', '中文（繁体）', 'الصينية (التقليدية)'],
  zu: ['Zulu', 'zulu', 'zulú', 'Zulu', '祖鲁语', 'الزولو'],
};

/**
 * @param lang primary language that the name is to be in
 * @returns the name of a language; of a variety that is not in the table that of its language, with the rest of its tag in
 *   brackets; the tag where not even that is there. The tag is spelled as `languageTag` has it
 */
export function languageNameIn(lang: string, tag: Lang): string {
  const at = (IN as readonly string[]).indexOf(lang);
  const known = nameOf(tag, at);
  if (known !== undefined) return known;
  const [primary = '', ...rest] = tag.split('-');
  const name = nameOf(primary, at);
  return name === undefined ? tag : `${name} (${rest.join('-')})`;
}

function nameOf(tag: string, at: number): string | undefined {
  return Object.hasOwn(NAMES, tag) ? NAMES[tag]?.[at] : undefined;
}
