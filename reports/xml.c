#include "reports/xml.h"

#include <stdlib.h>

#include "model/text.h"

/* The characters that XML 1.0 cannot hold, in any notation, are replaced. */
static char *legal_text(const char *text) {
  struct buf out = {0};
  uint32_t c;
  for (size_t len; (len = text_next(text, &c)) > 0; text += len) {
    bool legal = c >= 0x20 ? c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n' || c == '\r';
    text_put(&out, legal ? c : TEXT_REPLACEMENT);
  }
  return buf_take(&out);
}

void xml_attribute(xmlTextWriterPtr xml, const char *name, const char *text) {
  char *clean = legal_text(text ? text : "");
  xmlTextWriterWriteAttribute(xml, BAD_CAST name, BAD_CAST clean);
  free(clean);
}

void xml_content(xmlTextWriterPtr xml, const char *text) {
  char *clean = legal_text(text);
  xmlTextWriterWriteString(xml, BAD_CAST clean);
  free(clean);
}

void xml_start(xmlTextWriterPtr xml, const char *name) { xmlTextWriterStartElement(xml, BAD_CAST name); }

void xml_end(xmlTextWriterPtr xml) { xmlTextWriterEndElement(xml); }
