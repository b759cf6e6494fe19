#include "model/text.h"

/* The bytes of the character that `lead` begins, and what its second byte may be: 0 where it begins none. */
static size_t span(unsigned char lead, unsigned char *low, unsigned char *high) {
  *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    return 2;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    return 3;
  }
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

size_t text_next(const char *text, uint32_t *character) {
  const unsigned char *bytes = (const unsigned char *)text;
  *character = bytes[0];
  if (bytes[0] < 0x80) {
    return bytes[0] ? 1 : 0;
  }
  unsigned char low;
  unsigned char high;
  size_t len = span(bytes[0], &low, &high);
  *character = TEXT_REPLACEMENT;
  if (len == 0) {
    return 1;
  }
  uint32_t value = bytes[0] & (0x7Fu >> len);
  for (size_t i = 1; i < len; i++) {
    if (bytes[i] < low || bytes[i] > high) {
      return i;
    }
    value = value << 6 | (bytes[i] & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  *character = value;
  return len;
}

void text_put(struct buf *out, uint32_t c) {
  char bytes[4];
  size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = len; i-- > 1; c >>= 6) {
    bytes[i] = (char)(0x80 | (c & 0x3F));
  }
  static const unsigned char LEAD[] = {0, 0, 0xC0, 0xE0, 0xF0};
  bytes[0] = (char)(LEAD[len] | c);
  buf_add(out, bytes, len);
}

char *text_to_utf8(const char *text) {
  if (!text) {
    return NULL;
  }
  struct buf out = {0};
  uint32_t c;
  for (size_t len; (len = text_next(text, &c)) > 0; text += len) {
    text_put(&out, c);
  }
  return buf_take(&out);
}

/* Controls, line separators, marks that turn the direction of writing, and the invisible tag characters. */
static bool misleads(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x61C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

static void show(struct buf *out, uint32_t c, bool lines) {
  if (c == '\n') {
    buf_puts(out, lines ? "\n" : "\\n");
  } else if (c == '\t') {
    buf_puts(out, lines ? "    " : "\\t");
  } else if (!misleads(c)) {
    text_put(out, c);
  } else if (c < 0x100) {
    buf_printf(out, "\\x%02x", c);
  } else {
    buf_printf(out, c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
  }
}

void text_show(struct buf *out, const char *text, bool lines) {
  uint32_t c;
  for (size_t len; text && (len = text_next(text, &c)) > 0; text += len) {
    show(out, c, lines);
  }
}

char *text_shown(const char *text) {
  struct buf out = {0};
  text_show(&out, text, false);
  return buf_take(&out);
}

static int columns(uint32_t c) {
  if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200D) || (c >= 0xFE00 && c <= 0xFE0F)) {
    return 0;
  }
  bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
              (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
              (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

int text_width(const char *text) {
  int width = 0;
  uint32_t c;
  for (size_t len; (len = text_next(text, &c)) > 0; text += len) {
    width += columns(c);
  }
  return width;
}
