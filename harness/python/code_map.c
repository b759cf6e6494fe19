#include "python/python.h"

#include "python/code_map.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "strategy/schedule.h"

static struct {
  const struct sources *sources;
  const struct strlist *watched;
  struct code_info **slots; /* open addressing, by the address of the code object */
  size_t room;              /* a power of two */
  size_t count;
  PyObject *opnames; /* opcode.opname */
} map;

void code_map_init(const struct sources *sources, const struct strlist *watched) {
  map.sources = sources;
  map.watched = watched;
}

static size_t slot_of(const PyObject *code) { return ((uintptr_t)code >> 4) * 0x9E3779B97F4A7C15ULL >> 20; }

static char *text_of(PyObject *code, const char *name) {
  PyObject *value = PyObject_GetAttrString(code, name);
  const char *text = value && PyUnicode_Check(value) ? PyUnicode_AsUTF8(value) : NULL;
  char *copy = text ? mem_dup(text) : NULL;
  Py_XDECREF(value);
  PyErr_Clear();
  return copy;
}

static bool starts_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

static bool is_watched(const char *file) {
  if (!map.watched) {
    return !map.sources || !starts_with(file, map.sources->stdlib ? map.sources->stdlib : "/usr/lib");
  }
  for (size_t i = 0; i < map.watched->count; i++) {
    const char *item = map.watched->items[i];
    size_t len = strlen(item);
    if (strcmp(file, item) == 0 || (len && item[len - 1] == '/' && starts_with(file, item))) {
      return true;
    }
  }
  return false;
}

static struct code_info *describe(PyObject *code) {
  struct code_info *info = mem_alloc(sizeof *info);
  char *file = text_of(code, "co_filename");
  char *name = text_of(code, "co_name");
  char *qualified = text_of(code, "co_qualname");
  Py_INCREF(code);
  info->code = code;
  info->watched = file && is_watched(file);
  info->module_body = name && strcmp(name, "<module>") == 0;
  info->finaliser = name && strcmp(name, "__del__") == 0;
  info->importer = file && starts_with(file, "<frozen importlib");
  info->file = map.sources && file ? sources_trim(map.sources, file) : mem_dup(file ? file : "?");
  info->function = qualified ? qualified : mem_dup(name ? name : "?");
  info->first_line = (uint32_t)((PyCodeObject *)code)->co_firstlineno;
  free(name);
  free(file);
  return info;
}

static void grow(void) {
  size_t room = map.room ? 2 * map.room : 1024;
  struct code_info **slots = mem_alloc(room * sizeof *slots);
  for (size_t i = 0; i < map.room; i++) {
    if (map.slots[i]) {
      size_t at = slot_of(map.slots[i]->code) & (room - 1);
      while (slots[at]) {
        at = (at + 1) & (room - 1);
      }
      slots[at] = map.slots[i];
    }
  }
  free(map.slots);
  map.slots = slots;
  map.room = room;
}

static struct code_info *add(PyObject *code) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  if (map.count * 2 >= map.room) {
    grow();
  }
  struct code_info *info = describe(code);
  size_t at = slot_of(code) & (map.room - 1);
  while (map.slots[at]) {
    at = (at + 1) & (map.room - 1);
  }
  map.slots[at] = info;
  map.count++;
  PyErr_Restore(type, value, traceback);
  return info;
}

struct code_info *code_map_get(PyObject *code) {
  if (map.room) {
    size_t at = slot_of(code) & (map.room - 1);
    while (map.slots[at]) {
      if (map.slots[at]->code == code) {
        return map.slots[at];
      }
      at = (at + 1) & (map.room - 1);
    }
  }
  return add(code);
}

uint32_t code_map_line(const struct code_info *info, int offset) {
  int line = PyCode_Addr2Line((PyCodeObject *)info->code, offset);
  return line > 0 ? (uint32_t)line : info->first_line;
}

/* The instruction as it was compiled: co_code does not show what the interpreter has specialised it to. */
static int op_at(const struct code_info *info, int offset) {
  PyObject *bytes = PyObject_GetAttrString(info->code, "co_code");
  int op = -1;
  if (bytes && offset >= 0 && offset < PyBytes_GET_SIZE(bytes)) {
    op = (unsigned char)PyBytes_AS_STRING(bytes)[offset];
  }
  Py_XDECREF(bytes);
  PyErr_Clear();
  return op;
}

const char *code_map_op(const struct code_info *info, int offset) {
  if (!map.opnames) {
    PyObject *module = PyImport_ImportModule("opcode");
    map.opnames = module ? PyObject_GetAttrString(module, "opname") : NULL;
    Py_XDECREF(module);
    PyErr_Clear();
  }
  int op = op_at(info, offset);
  PyObject *name = map.opnames && op >= 0 ? PyList_GetItem(map.opnames, op) : NULL; /* borrowed, and kept by the list */
  const char *text = name ? PyUnicode_AsUTF8(name) : NULL;
  PyErr_Clear();
  return text ? text : "?";
}

static uint64_t find_place(const struct code_info *info, int offset) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  uint32_t line = code_map_line(info, offset);
  uint64_t place = schedule_place_id(info->file, info->function, line - info->first_line, code_map_op(info, offset));
  PyErr_Restore(type, value, traceback);
  return place;
}

uint64_t code_map_place(struct code_info *info, int offset) {
  if (__builtin_expect(!info->places, 0)) {
    PyObject *bytes = PyObject_GetAttrString(info->code, "co_code");
    info->places = mem_alloc(((size_t)(bytes ? PyBytes_GET_SIZE(bytes) : 0) / 2 + 1) * sizeof *info->places);
    Py_XDECREF(bytes);
  }
  uint64_t *place = &info->places[offset < 0 ? 0 : offset / 2];
  if (__builtin_expect(!*place, 0)) {
    *place = find_place(info, offset);
  }
  return *place;
}
