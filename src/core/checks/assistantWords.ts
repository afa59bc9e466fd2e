/**
 * What models say of themselves and of their work, by language of the text. English belongs to each: models fall back into
 * it. All repetitions are bounded, so that a scan is linear. `\b` knows only ASCII letters.
 */
import type { Lang } from '../record';

/** Parts of regular expressions. */
export interface AssistantWords {
  /** In lower case: whatever fits one of the patterns but those of notes and labels holds this. Looked for first, since it is cheap. */
  readonly hint: string;
  /** Speaks of itself as a model. */
  readonly self: readonly string[];
  /** Declines. Counts only where the source does not apologise or decline, so it may be an ordinary sentence. */
  readonly refusal: readonly string[];
  /** Says that a translation comes, or asks for what is to be translated. */
  readonly phrase: readonly string[];
  /** What a note begins with, right after its bracket or at the start of its line. */
  readonly note: readonly string[];
  /** What says, anywhere in a bracket, that it is about the translation. */
  readonly about: readonly string[];
  /** Labels of a translation, at the start of a line before a colon. */
  readonly label: readonly string[];
  /** Begins a prompt: “Below is an instruction”, “Translate into …”. */
  readonly prompt: readonly string[];
}

export const ASSISTANT_WORDS: Readonly<Record<Lang, AssistantWords>> = {
  en: {
    hint: String.raw`model|\bai\b|artificial|training data|cutoff|sorry|apolog|unfortunately|\bi (?:can|am)|\bi['’]m|translat|please|german|italian|spanish|french|chinese|arabic|russian|japanese|portuguese|english|^(?:sure|certainly|of course|absolutely)|instruction|response`,
    self: [
      String.raw`\blanguage model\b`,
      String.raw`\bas an? (?:AI|artificial intelligence|(?:large )?language model|machine learning model)(?: (?:language )?(?:model|assistant|chatbot|system|program))?\b`,
      String.raw`\bI(?:['’]m| am)(?: just| only)? an? (?:AI|artificial intelligence|(?:large )?language model)\b`,
      String.raw`\bmy (?:language model|training data|knowledge cutoff)\b`,
    ],
    refusal: [
      String.raw`\b(?:I(?:['’]m| am) (?:very )?sorry|sorry|I apologi[sz]e|my apologies|unfortunately),? (?:but )?(?:I|there|this|that|it|the|you|your|"|“)`,
      String.raw`\bI(?: am|['’]m)? (?:can ?not|can['’]t|unable to|not able to) (?:help|assist|fulfil|fulfill|complete|provide|translate|answer|comply|perform|generate|create|see|process|access|do)\b`,
    ],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:translat(?:ion|ed))[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      String.raw`\bhere(?:['’]s| is| are)(?: the| your| a| some)?(?: possible)?(?: \w{1,20})? (?:translation|translated (?:text|version|sentence))s?\b`,
      String.raw`\bthe (?:\w{1,20} )?translations? (?:of|for) (?:this|these|the|your|"|“)`,
      String.raw`\b(?:the )?\w{1,20} translation (?:is|would be|could be)\b`,
      String.raw`\b(?:no|not|doesn['’]t|don['’]t|cannot|can|could|would|should|nothing|already|directly|otherwise)(?: (?:\w|['’]){1,20}){0,4} translat(?:e|es|ed|ion|ions)\b`,
      String.raw`\b(?:no|not|already|same|remains?|stays?|change|existing?|pronounced|spelled|called|means)(?: (?:\w|['’]){1,20}){0,5} (?:in|into|an?) (?:the )?(?:German|Italian|Spanish|French|Chinese|Arabic|Russian|Japanese|Portuguese|English)\b`,
      String.raw`^(?:sure|certainly|of course|absolutely)[!,.] (?:here|I can|I['’]ll|I['’]d|let me|the)\b`,
      String.raw`\bplease (?:provide|give|enter|specify|send)(?: me)?(?: with)? (?:the|a|an|some|more|any|your)(?: \w{1,20})? (?:sentence|text|word|phrase|context|source|original|content|input|information|paragraph|article)s?\b`,
      String.raw`\b(?:sentence|text|word|phrase)s? (?:that )?(?:you (?:would like|want|need)|for me)(?: me)? (?:to )?translated?\b`,
    ],
    note: [
      String.raw`(?:translator|translation|editor)(?:['’]?s)?['’]? note`,
      'note(?: (?:to|for|from|by|of)\\b[^:\\n]{0,30})?(?= ?:| (?:that|the|this)\\b)',
      'T/?N',
      'N\\.?B\\.?',
      'disclaimer',
    ],
    about: [
      String.raw`\b(?:un)?translat(?:ion|ions|e|es|ed|able|or|ors|ing)\b`,
      String.raw`\b(?:already|same|word|term|name|spelled|written|used) in (?:English|German|Italian|Spanish|French|Chinese|Arabic|Russian|Japanese|Portuguese)\b`,
      String.raw`\bin its original (?:form|language)\b`,
    ],
    label: ['translation', 'translated(?: text| (?:in)?to \\w{1,20})?', '(?:german|italian|spanish|french|chinese|arabic|russian|japanese|portuguese|english)(?: translation| version)?'],
    prompt: [
      String.raw`\bbelow is an instruction\b`,
      String.raw`\bwrite a response that appropriately completes\b`,
      String.raw`\btranslate (?:the following|this|these|it)(?: \w{1,20}){0,3} (?:in)?to \p{Lu}`,
    ],
  },
  de: {
    hint: String.raw`sprachmodell|\b(?:ki|ai)\b|künstliche|leid|entschuldig|leider|ich kann|mir|übersetz|^(?:gerne|natürlich|selbstverständlich|sicher)|anweisung`,
    self: [
      String.raw`(?:Sprachmodell|\b(?:KI|AI)\b[-\p{L} ]{0,40} (?:habe|bin|kann|verfüge|besitze|darf|weiß) ich)\b`,
      String.raw`\bals (?:eine? )?(?:großes |reines )?(?:KI|AI)(?:[- ]?(?:Sprach)?(?:modell|assistent|assistentin|system|chatbot))?,? (?:\p{Ll}{1,20} ){1,2}(?:ich|mir)\b`,
      String.raw`\bals (?:eine? )?(?:großes |reines )?(?:KI-|AI-)?(?:Sprachmodell|Sprach-KI|künstliche Intelligenz),? (?:\p{Ll}{1,20} ){1,2}(?:ich|mir)\b`,
      String.raw`\bich bin (?:nur |leider nur )?(?:eine? )?(?:großes )?(?:KI|AI|Sprachmodell|künstliche Intelligenz)\b`,
    ],
    refusal: [
      String.raw`(?<=^|\n)(?:(?:es )?tut mir (?:sehr )?leid|entschuldigung|entschuldigen Sie|leider)\b[^.!?\n]{0,60}\b(?:nicht|keine?n?)\b`,
      String.raw`\b(?:(?:es )?tut mir (?:sehr )?leid|entschuldigung|entschuldigen Sie|leider)[,.]? (?:aber )?(?:kann ich|ich kann|ich habe|es gibt|es ist|das ist|Sie haben|du hast|bin ich|ich bin)`,
      String.raw`\b(?:ist|wäre) (?:es )?mir (?:leider )?nicht möglich\b`,
      String.raw`\bich kann (?:diese|diesen|dieses|Ihre|deine|Ihnen|dir|das|leider)(?: \p{L}{1,20}){0,3} nicht\b`,
    ],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:übersetz)[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      String.raw`\bhier(?: (?:ist|sind|kommt|folgt))?(?: (?:die|Ihre|deine|eine|meine|der))?(?: deutschen?)? (?:Übersetzung|übersetzte)`,
      String.raw`\bdie (?:deutschen? )?Übersetzung(?:en)?(?: (?:des|der|von|für) [^.!?:\n]{1,60})? (?:lautet|ist|wäre|sind|lauten)\b`,
      String.raw`\b(?:der|die|das) übersetzte \p{L}{1,20} (?:lautet|ist|wäre)\b`,
      String.raw`^(?:gerne|natürlich|selbstverständlich|sicher)[!,.] (?:hier|ich)\b`,
      String.raw`\bbitte (?:geben|stellen|teilen|nennen|senden|schreiben) Sie (?:mir )?(?:bitte )?(?:den|die|das|einen|mehr|weitere) (?:\p{L}{1,20} ){0,2}(?:Satz|Sätze|Text|Wort|Kontext|Originaltext|Ausgangstext|Informationen)\b[^.!?\n]{0,60}(?<!\p{L})übersetz`,
    ],
    note: [
      'anmerkungen? (?:des|der) (?:übersetzers|übersetzerin|übersetzung|redaktion)',
      'anmerkung',
      'anm\\.(?: ?d\\. ?[ÜR]\\.)?',
      'hinweis',
      'notiz',
    ],
    about: [
      String.raw`\b(?:nicht|direkt|wörtlich|hier|auch|als|bereits)[^()\n]{0,60}(?<!\p{L})übersetz`,
      String.raw`\b(?:keine|die|diese|eine|der) (?:\p{L}{1,20} )?Übersetzung\b`,
      String.raw`\b(?:bereits|schon|auch|gleich|genauso) (?:auf|im) (?:Deutsch|Englisch)`,
      'd\\. ?Ü\\.',
      'übersetzer',
    ],
    label: ['übersetzung', 'deutsche? übersetzung', 'übersetzter text', '(?:auf )?deutsch'],
    prompt: [
      String.raw`\b(?:unten|im folgenden|nachfolgend)(?: \p{L}{1,20}){1,3} eine Anweisung\b`,
      String.raw`\bbitte (?:geben Sie|gib)(?: (?:mir|an))? die (?:deutschen? )?Übersetzung(?:en)?\b`,
      String.raw`\bbitte übersetzen Sie (?:diese|die folgenden|den folgenden|folgende|das folgende)(?: \p{L}{1,20}){1,2} ins Deutsche\b`,
    ],
  },
  zh: {
    hint: String.raw`模型|人工智|ai|抱歉|[对對]不起|[遗遺]憾|不好意思|我(?:[无無]|不能)|[译譯]|^(?:好的|[当當]然|没[问問])|任[务務]`,
    self: [
      '[语語]言模型',
      '我(?:只|[仅僅])?是[^。！？\\n，,]{0,12}(?:AI|人工智[能慧])',
      '(?:[作做][为為]|身[为為]|由于我是)一?[个個名款种種位]?[^。！？\\n，,的]{0,12}(?:[语語]言模型|人工智[能慧]|AI|ai)(?:[语語]言)?(?:助手|助理|模型|程序|[机機]器人|系[统統])?[，,、]?\\s?我',
      '我(?:只|[仅僅])?(?:是|[为為])一?[个個名款位]?(?:由[^。\\n]{1,20}的)?(?:AI|人工智[能慧]|大?型?[语語]言模型)',
    ],
    refusal: [
      '(?<=^|\\n)(?:非常|很|十分)?(?:抱歉|[对對]不起|[遗遺]憾|不好意思)[^。！？\\n]{0,24}(?:不|[无無]法|[没沒])',
      '(?:抱歉|[对對]不起|很[遗遺]憾|不好意思)[，,。！]?\\s?(?:但是?)?我?(?:[无無]法|不能|[没沒]有[办辦]法|不可以|[没沒]有找到|目前)',
      '我(?:[无無]法|不能)(?:[满滿]足|完成|[协協]助|回答|提供|[处處]理|翻[译譯]|[为為]您|[帮幫]助|[执執]行|生成)',
    ],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:翻[译譯]|[译譯]文)[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      '(?:以下|下面|[这這])(?:就)?(?:是|[为為])[^。！？\\n，,]{0,16}(?:翻[译譯]|[译譯]文)',
      '(?:翻[译譯]|[译譯]文)(?:[结結]果)?(?:如下|[为為]：|是：)',
      '^(?:好的|[当當]然(?:可以)?|没[问問][题題])[，,！!。]\\s?(?:以下|下面|[这這]是|我(?:来|將|将|[会會]))',
      '[请請](?:您|你)?(?:提供|[给給]出|[输輸]入|[发發]送)(?:[给給]我)?[^。！？\\n]{0,12}(?:翻[译譯]|[译譯])的?[^。！？\\n]{0,6}(?:[内內]容|文本|句子|原文|文字)',
    ],
    note: ['[译譯]者?[注註](?:[释釋])?', '翻[译譯][注說说註]明?', '[注註](?:[释釋]|意|解)?(?=[:：])', '[备備][注註]', '[编編]者[注註]'],
    about: ['翻[译譯]', '[译譯](?:文|[为為]|成|作|者)', '原文', '直[译譯]'],
    label: ['翻[译譯](?:[结結]果)?', '[译譯]文', '中文(?:翻[译譯])?', '[简簡][体體]中文'],
    prompt: [
      '以下是(?:一[条項项个個])?描述(?:一[个個项項])?任[务務]的[^。\\n]{0,8}(?:指令|[说說]明)',
      '(?:[将將把]|[请請])[^。！？\\n]{0,16}(?:翻[译譯]|[译譯])(?:成|[为為]|到)(?:[简簡][体體])?(?:中文|[汉漢][语語])',
    ],
  },
  it: {
    hint: String.raw`modello|\b(?:ia|ai)\b|intelligenza|assistente|dispiace|spiac|purtroppo|scus|non (?:posso|sono)|tradu|tradott|^(?:certo|certamente|sicuro|volentieri)|istruzion`,
    self: [
      String.raw`\bmodello (?:linguistico|di linguaggio)\b`,
      String.raw`\b(?:come|in quanto|essendo|trattandosi di) (?:una? |un['’])?(?:IA|AI|intelligenza artificiale|(?:grande )?modello (?:linguistico|di linguaggio|di IA|di intelligenza)|assistente (?:virtuale|AI|IA))\b(?![^.!?\n]{0,40}\b(?:campo|disciplina|settore)\b)`,
      String.raw`\bsono (?:solo |soltanto )?(?:una? |un['’])(?:IA|AI|intelligenza artificiale|modello (?:linguistico|di linguaggio|di intelligenza)|assistente (?:virtuale|AI|IA))\b`,
    ],
    refusal: [
      String.raw`(?<=^|\n)(?:mi dispiace|mi spiace|spiacente|purtroppo|mi scuso)\b[^.!?\n]{0,40}\bnon\b`,
      String.raw`\b(?:mi dispiace|mi spiace|spiacente|purtroppo|scusa|scusate|mi scuso),? (?:ma )?(?:non (?:posso|sono|è|ho|riesco)|c['’]è|sembra)`,
      String.raw`\bnon (?:posso|sono in grado di) (?:aiutar|assister|soddisfare|completare|fornire|tradurre|rispondere|eseguire|generare)`,
    ],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:tradu|tradott)[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      String.raw`\becco(?: (?:la|qui la|una|qui|il|le))?(?: (?:sua|tua|possibile))? (?:traduzion|testo tradotto)`,
      String.raw`\bla traduzione(?: (?:italiana|in italiano))?(?: (?:di|del|della|per) [^.!?:\n]{1,60})? (?:è|sarebbe)(?!\p{L})`,
      String.raw`^(?:certo|certamente|sicuro|volentieri)[!,.] (?:ecco|posso|di seguito)\b`,
      String.raw`\bper favore,? (?:fornisci|fornire|fornisca|inserisci)(?:mi)? [^.!?\n]{1,40}\btradurre\b`,
    ],
    note: ['nota (?:del|della|di) (?:traduttore|traduttrice|traduzione)', 'nota bene', 'N\\. ?d\\. ?T\\.?', 'N\\.?d\\.?[TR]\\.?', 'nota(?=:)', 'note(?=:)'],
    about: ['N\\. ?d\\. ?T\\.', String.raw`\btradu(?:zion|cibil|rre|ttor|tt[oaie]\b)`, String.raw`\b(?:già|anche|uguale) in (?:italiano|inglese)\b`],
    label: ['traduzione(?: italiana| in italiano)?', 'testo tradotto', '(?:in )?italiano'],
    prompt: [
      String.raw`\b(?:di seguito|qui sotto)(?: è riportata| c['’]è| trovi)? un['’]istruzione\b`,
      String.raw`\btraduc[ia](?: \p{L}{1,20}){1,4} in italiano\b`,
    ],
  },
  es: {
    hint: String.raw`modelo|\b(?:ia|ai)\b|inteligencia|asistente|siento|lament|desafortunad|disculp|perdón|no (?:puedo|soy)|tradu|^(?:claro|por supuesto|desde luego)|instrucci`,
    self: [
      String.raw`\bmodelo (?:lingüístico|de lenguaje)\b`,
      String.raw`\b(?:como|siendo|al ser|dado que soy) (?:una? )?(?:IA|AI|inteligencia artificial|(?:gran )?modelo (?:de lenguaje|lingüístico|de IA|de inteligencia)|asistente (?:virtual|de IA))\b(?![^.!?\n]{0,40}\b(?:campo|disciplina|sector)\b)`,
      String.raw`\bsoy (?:solo |sólo |solamente )?(?:un|una) (?:IA|AI|inteligencia artificial|modelo de lenguaje|asistente (?:virtual|de IA))\b`,
    ],
    refusal: [
      String.raw`(?<=^|\n)¡?(?:lo siento|lamento|lamentablemente|desafortunadamente|disculpe?)\b[^.!?\n]{0,40}\bno\b`,
      String.raw`\b(?:lo siento|lamento|lamentablemente|desafortunadamente|disculpa|disculpe|perdón),? (?:pero )?(?:no (?:puedo|hay|tengo|es|soy)|parece)`,
      String.raw`\bno (?:puedo|soy capaz de) (?:ayudar|asistir|cumplir|completar|proporcionar|traducir|responder|realizar|generar)`,
    ],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:tradu)[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      String.raw`\baquí (?:está|tiene|tienes|va)(?: (?:la|una|su|tu|el))? (?:traducci|texto traducido)`,
      String.raw`\bla traducción(?: al español)?(?: (?:de|del|para) [^.!?:\n]{1,60})? (?:es|sería)\b`,
      String.raw`^(?:claro|por supuesto|desde luego)[!,.] (?:aquí|puedo|a continuación)(?!\p{L})`,
      String.raw`\bpor favor,? (?:proporcion|introduzca|indi)\p{L}{1,6} [^.!?\n]{1,40}\btraduc`,
    ],
    note: ['nota (?:del|de la|de) (?:traductora?|traducción)', 'N\\. ?del? ?T\\.?', 'nota(?=:)'],
    about: [String.raw`\btradu(?:cci|cid|cir|cib|ctor|ce\b|zca)`, String.raw`\b(?:ya está|igual|también) en (?:español|inglés)\b`],
    label: ['traducción(?: al español)?', 'texto traducido', '(?:en )?español'],
    prompt: [
      String.raw`\ba continuación(?: se (?:muestra|presenta)| hay)? una instrucción\b`,
      String.raw`\btradu[cz]\p{L}{1,3}(?: \p{L}{1,20}){1,4} al (?:español|castellano)\b`,
    ],
  },
  fr: {
    hint: String.raw`modèle|\b(?:ia|ai)\b|intelligence|assistant|désol|regrette|excuse|malheureus|je ne|tradu|^bien sûr|instruction`,
    self: [
      String.raw`\bmodèle (?:linguistique|de langage)\b`,
      String.raw`\ben tant qu(?:e |['’])(?:(?:un|une) )?(?:IA|AI|intelligence artificielle|(?:grand )?modèle (?:de langage|linguistique|d['’]IA)|assistant (?:virtuel|IA))\b`,
      String.raw`\bje (?:ne )?suis (?:qu['’])?(?:(?:un|une) )?(?:IA|intelligence artificielle|modèle de langage|assistant (?:virtuel|IA))\b`,
    ],
    refusal: [
      String.raw`(?<=^|\n)(?:(?:je suis )?(?:vraiment )?désolée?|je regrette|je m['’]excuse|malheureusement)(?!\p{L})[^.!?\n]{0,40}\b(?:ne|n['’])`,
      String.raw`(?<!\p{L})(?:(?:je suis )?désolée?|je m['’]excuse|malheureusement),? (?:mais )?(?:je (?:ne|n['’]ai)|il n['’]y|cela)`,
      String.raw`\bje ne (?:peux pas|suis pas en mesure de) (?:vous |t['’])?(?:aider|répondre|fournir|traduire|accéder|effectuer|générer)`,
    ],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:tradu)[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      String.raw`\bvoici(?: (?:la|votre|une|le|ma|ta))? (?:traduction|texte traduit)`,
      String.raw`\bla traduction(?: française| en français)?(?: (?:de|du|pour) [^.!?:\n]{1,60})? (?:est|serait)\b`,
      String.raw`^bien sûr ?[!,.] ?(?:voici|je)\b`,
      String.raw`\b(?:veuillez|merci de) (?:me )?fournir [^.!?\n]{1,40}\btradui`,
    ],
    note: ['note (?:du|de la|de) (?:traducteur|traductrice|traduction)', 'N\\. ?d\\. ?T\\.?', 'NDT', 'remarque', 'note(?= ?:)'],
    about: [String.raw`\btradu(?:ction|it|is|ire|cteur|ctible)`, String.raw`\b(?:déjà|identique|même) en (?:français|anglais)\b`],
    label: ['traduction(?: française)?', 'texte traduit', '(?:en )?français'],
    prompt: [
      String.raw`\bci-dessous(?: se trouve| figure)? une instruction\b`,
      String.raw`\btradui\p{L}{1,4}(?: \p{L}{1,20}){1,4} en français\b`,
    ],
  },
  pt: {
    hint: String.raw`modelo|\b(?:ia|ai)\b|inteligência|assistente|desculp|sinto|lament|infeliz|não (?:posso|consigo|sou)|tradu|^(?:claro|com certeza|certamente)|instruç`,
    self: [
      String.raw`\bmodelo (?:linguístico|de linguagem)\b`,
      String.raw`\bcomo (?:(?:um|uma) )?(?:IA|AI|inteligência artificial|(?:grande )?modelo (?:de linguagem|de língua|linguístico|de IA)|assistente (?:virtual|de IA))\b`,
      String.raw`\bsou (?:apenas |só )?(?:um|uma) (?:IA|inteligência artificial|modelo de linguagem|assistente (?:virtual|de IA))\b`,
    ],
    refusal: [
      String.raw`(?<=^|\n)(?:desculpe|desculpa|sinto muito|lamento|infelizmente)\b[^.!?\n]{0,40}(?<!\p{L})não(?!\p{L})`,
      String.raw`\b(?:desculpe|desculpa|sinto muito|lamento|infelizmente),? (?:mas )?(?:eu )?(?:não (?:posso|consigo|há|tenho|é)|parece)`,
      String.raw`\bnão (?:posso|consigo|sou capaz de) (?:ajudar|atender|completar|fornecer|traduzir|responder|realizar|gerar)`,
    ],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:tradu)[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      String.raw`\baqui (?:está|vai|tem)(?: (?:a|uma|sua|o))? (?:traduç|texto traduzido)`,
      String.raw`\ba tradução(?: (?:de|do|da|para) [^.!?:\n]{1,60})? (?:é|seria)(?!\p{L})`,
      String.raw`^(?:claro|com certeza|certamente)[!,.] (?:aqui|posso|segue)\b`,
    ],
    note: ['nota (?:do|da|de) (?:tradutora?|tradução)', 'N\\. ?d[oa] ?T\\.?', 'nota(?=:)'],
    about: [String.raw`\btradu(?:ç|zi|tor|zível)`],
    label: ['tradução(?: para o português)?', 'texto traduzido', '(?:em )?português'],
    prompt: [
      String.raw`\babaixo (?:está|há|segue) uma instrução\b`,
      String.raw`\btraduz\p{L}{0,3}(?: \p{L}{1,20}){1,4} para (?:o )?português\b`,
    ],
  },
  ru: {
    hint: String.raw`ии|интеллект|модел|извин|прости|прощени|сожалени|жаль|не могу|перев|^(?:конечно|разумеется)|инструкци`,
    self: [
      String.raw`(?<!\p{L})языков(?:ая|ой|ую) модел`,
      String.raw`(?<!\p{L})как (?:ИИ|искусственный интеллект|(?:большая )?языковая модель|модель искусственного интеллекта)[-,\p{L} ]{0,40} (?:я|у меня|мне)(?!\p{L})`,
      String.raw`(?<!\p{L})я (?:всего лишь |просто )?(?:—|-|являюсь)? ?(?:ИИ|искусственный интеллект|языковая модель|языковой моделью|искусственным интеллектом)(?!\p{L})`,
    ],
    refusal: [
      String.raw`(?<=^|\n)(?:извините|простите|прошу прощения|к сожалению|мне (?:очень )?жаль)(?!\p{L})[^.!?\n]{0,40}(?<!\p{L})(?:не|нет)(?!\p{L})`,
      String.raw`(?<!\p{L})(?:извините|простите|прошу прощения|к сожалению|мне жаль),? (?:но )?(?:я )?(?:не могу|не имею|не в состоянии|нет)(?!\p{L})`,
      String.raw`(?<!\p{L})я не могу (?:помочь|выполнить|ответить|предоставить|перевести|создать)`,
    ],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:перевод|перевед)[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      String.raw`(?<!\p{L})вот (?:ваш |сам )?(?:перевод|переведённый|переведенный)`,
      String.raw`(?<!\p{L})перевод (?:на русский|этого|данного|текста|предложения)[^.!?\n]{0,30}:`,
      String.raw`^(?:конечно|разумеется)[!,.] (?:вот|я)(?!\p{L})`,
    ],
    note: ['примечани[ея](?: переводчика| редактора)?', 'прим\\.(?: ?(?:пер|ред)\\.)?'],
    about: ['прим\\. ?пер', String.raw`(?<!\p{L})(?:не)?перев(?:од|ести|ед)`],
    label: ['перевод(?: на русский)?', 'русский перевод'],
    prompt: [
      String.raw`(?<!\p{L})ниже (?:приведена|представлена|дана) инструкция`,
      String.raw`(?<!\p{L})переведите(?: \p{L}{1,20}){1,4} на русский`,
    ],
  },
  ja: {
    hint: String.raw`ai|人工知能|モデル|申し訳|すみません|ごめん|訳|^(?:はい|もちろん|承知)|タスク`,
    self: [
      '言語モデル',
      '(?:AI|人工知能|(?:大規模)?言語モデル)(?:アシスタント|言語モデル|モデル)?(?:として|ですので|なので)[、，は]?[^。\\n]{0,40}(?:私|お手伝い|お答え|ません|できない)',
      '私は(?:ただの)?(?:AI|人工知能|(?:大規模)?言語モデル)',
    ],
    refusal: ['(?:申し訳(?:ありません|ございません)|すみません|ごめんなさい)が[、，]?[^。\\n]{0,40}(?:ません|かねます|ないです)'],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:翻訳|訳文|和訳)[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      '(?:以下|こちら|これ)[がは](?:[^。\\n]{0,10})(?:翻訳|訳文|和訳)(?:です|になります|：)',
      '(?:翻訳|訳文|和訳)(?:は)?(?:以下|次)の(?:通り|とおり)',
      '^(?:はい|もちろん(?:です)?|承知(?:しました|いたしました))[、。！](?:以下|こちら)',
      '(?:翻訳|訳)(?:する|したい)(?:文章|文|テキスト)を[^。\\n]{0,10}(?:ください|お送り|お知らせ)',
    ],
    note: ['訳者?注', '翻訳(?:者)?注', '注記?(?=[:：])', '備考', '※訳注'],
    about: ['翻訳', '訳(?:注|文|者|す|し)', '原文'],
    label: ['翻訳(?:文)?', '和訳', '訳文', '日本語(?:訳)?'],
    prompt: ['以下は、?タスクを(?:説明|記述)する指示', '(?:次|以下)の[^。\\n]{1,12}を?日本語に(?:翻訳|訳)'],
  },
  ar: {
    hint: String.raw`نموذج|اصطناعي|لغ|عذر|آسف|أعتذر|للأسف|نأسف|معذرة|لا (?:أستطيع|يمكنني)|ترجم|^(?:بالتأكيد|بالطبع|حسن)|تعليمات`,
    self: [
      'نموذج[ًاا]{0,2} لغوي',
      '(?:بصفتي|باعتباري|كوني|كنموذج|بوصفي)[^.؟!\\n]{0,24}(?:لغوي|الذكاء الاصطناعي|ذكاء اصطناعي|لغة|اصطناعي)',
      '(?:أنا|لأنني) (?:مجرد )?(?:نموذج (?:لغوي|لغة)|برنامج ذكاء|ذكاء اصطناعي|مساعد ذكي)',
    ],
    refusal: [
      '(?<=^|\\n)(?:عذر[اًا]{1,2}|آسف|أنا آسف|أعتذر|للأسف|نأسف|معذرة)[^.؟!\\n]{0,40}(?:لا|ليس|لم|لن|غير) ',
      '(?:عذر[اًا]{1,2}|آسف|أعتذر|للأسف|نأسف|معذرة)[^.؟!\\n]{0,12}(?:لا (?:أستطيع|يمكنني|أقدر)|ليس|لم|لن)',
      'لا (?:أستطيع|يمكنني) (?:تلبية|مساعدتك|الإجابة|تقديم|ترجمة|إكمال|تنفيذ)',
    ],
    phrase: [
      String.raw`^[^\n:：()（）[\]]{0,60}(?:ترجم)[^\n:：()（）[\]]{0,40}[:：](?=\s*\S)`,
      '(?:إليك|هذه هي|فيما يلي|هاهي|ها هي) (?:ال)?(?:ترجمة|النص المترجم)',
      'الترجمة (?:هي|كالتالي|كما يلي)',
      'يرجى (?:تقديم|إدخال|توفير) [^.؟!\\n]{1,30}(?:ترجم|الترجمة)',
      '^(?:بالتأكيد|بالطبع|حسن[اًا]{1,2})[!،,.] ?(?:إليك|فيما|سأ)',
    ],
    note: ['ملاحظة (?:المترجم|الترجمة|المحرر)', 'ملحوظة', 'ملاحظة(?= ?[:：])'],
    about: ['ترجم', 'المترجم', 'مترجم'],
    label: ['(?:ال)?ترجمة(?: العربية)?', 'النص المترجم', '(?:ب)?العربية'],
    prompt: ['فيما يلي تعليمات تصف', 'ترجم(?: [^ \\n]{1,20}){1,4} إلى (?:اللغة )?العربية'],
  },
}; // prettier-ignore
