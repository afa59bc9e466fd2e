/** Sentences about the licences of what a training set is made of. */
export const LICENCE_MESSAGES = {
  'licence.none':
    'The recipe does not say under which licence “{0}” is. Find out, and add “licence” to it, before you publish anything made of it.',
  'licence.unknown':
    'The licence “{0}” of “{1}” is none of those whose terms are known here. Read what it asks for.',
  'licence.ownTerms':
    'The licence “{0}” of “{1}” has conditions of its own on what may be done. Read them, and pass them on.',
  'licence.noDerivatives':
    'The licence “{0}” of “{1}” allows no changed versions to be passed on, and translations and corrections are changed versions. Do not publish rows made of it.',
  'licence.nonCommercial':
    '“{1}” is under “{0}”, so that the whole may not be used commercially, though other parts may. Leave it out where that matters.',
  'licence.shareAlike':
    '“{1}” is under “{0}”: what is made of it must be published under the same licence, and so the whole.',
  'licence.shareAlikeClash':
    '“{1}” is under “{0}” and “{3}” under “{2}”. Each asks that the whole has its own licence, and both cannot be had. Leave one of them out, or publish them apart.',
  'licence.shareAlikeNonCommercial':
    '“{1}” is under “{0}”, which allows no further conditions, and “{3}” under “{2}”, which forbids commercial use. Leave one of them out, or publish them apart.',
  'licence.notAdvice':
    'This is worked out from the names of the licences alone and is no legal advice: whoever publishes the files answers for them.',
} as const;
