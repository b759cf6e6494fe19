/* XML that other people's text cannot make ill-formed: what XML 1.0 cannot hold is replaced.
 * Threading: no shared state. */
#ifndef FF_REPORTS_XML_H
#define FF_REPORTS_XML_H

#include <libxml/xmlwriter.h>

void xml_start(xmlTextWriterPtr xml, const char *name); /* an element; xml_end() ends it */
void xml_end(xmlTextWriterPtr xml);
void xml_attribute(xmlTextWriterPtr xml, const char *name, const char *text); /* NULL is written as "" */
void xml_content(xmlTextWriterPtr xml, const char *text);

#endif
