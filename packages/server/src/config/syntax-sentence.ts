import type { YAMLError } from 'yaml'

/** What is wrong with the YAML. The parser's own messages may quote the document, so each of its codes has a sentence of ours. */
export function syntaxSentence({ code, message }: YAMLError): string {
  if (code === 'BAD_INDENT' && message.includes('end with a')) return 'a bracket is not closed, or what is in it is not indented'
  return sentences[code] ?? 'this is not valid YAML'
}

const sentences: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  ALIAS_PROPS: 'an alias has neither a tag nor an anchor',
  BAD_ALIAS: 'this alias is not valid',
  BAD_COLLECTION_TYPE: 'this tag does not fit its value',
  BAD_DIRECTIVE: 'this directive is not known',
  BAD_DQ_ESCAPE: 'this escape is not known in double quotes; single quotes take every text as it is',
  BAD_INDENT: 'the indentation does not fit',
  BAD_PROP_ORDER: 'a tag or an anchor stands before its value, on the line of its key',
  BAD_SCALAR_START: 'a plain text cannot begin with this character; put quotes around it',
  BLOCK_AS_IMPLICIT_KEY: 'a nested map cannot begin on the line of its key; is a space or a quote missing?',
  BLOCK_IN_FLOW: 'a map in brackets needs brackets of its own; is a space or a quote missing?',
  KEY_OVER_1024_CHARS: 'a key has 1024 characters at most',
  MISSING_CHAR: 'a closing quote, bracket or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is a colon missing?',
  MULTIPLE_ANCHORS: 'a value has one anchor at most',
  MULTIPLE_DOCS: 'a configuration is one document; remove the second "---"',
  MULTIPLE_TAGS: 'a value has one tag at most',
  RESOURCE_EXHAUSTION: 'the document is nested too deeply',
  TAB_AS_INDENT: 'indent with spaces, not with tabs',
  TAG_RESOLVE_FAILED: 'this tag does not fit its value',
  UNEXPECTED_TOKEN: 'this is not expected here; is a quote, a comma or a bracket missing?',
}
