interface TextInfo {
  readonly direction?: 'ltr' | 'rtl';
}

/** What ECMA-402 gives a locale besides what TypeScript knows of it: https://tc39.es/proposal-intl-locale-info/ */
interface WithTextInfo {
  getTextInfo?(): TextInfo;
  /** The same in engines from before it became a function, such as that of Node 20. */
  readonly textInfo?: TextInfo;
}

/** Which way a language is written in lines, for the interface; left to right where that is not known. @param tag BCP-47 */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  const locale = new Intl.Locale(tag) as unknown as WithTextInfo;
  return (locale.getTextInfo?.() ?? locale.textInfo)?.direction ?? 'ltr';
}
