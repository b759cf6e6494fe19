#include "python/python.h"

#include "python/code_map.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/cold.h"
#include "strategy/schedule.h"

#define FIRST_SLOTS 1024 /* a power of two */
#define OPCODES 256

static struct {
  struct code_info **slots; /* open addressing, no deletion */
  size_t mask;              /* slots - 1 */
  size_t count;
  struct code_map_rules rules;
  const char *opcodes[OPCODES];
} map;

static size_t home_of(const PyObject *code) {
  return (size_t)(((uintptr_t)code >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static void insert(struct code_info *info) {
  size_t at = home_of(info->code) & map.mask;
  while (map.slots[at]) {
    at = (at + 1) & map.mask;
  }
  map.slots[at] = info;
}

/* Room for one more, with at most half of the slots taken. */
static void make_room(void) {
  if (map.slots && map.count * 2 < map.mask) {
    return;
  }
  struct code_info **old = map.slots;
  size_t old_slots = old ? map.mask + 1 : 0;
  map.mask = (old ? old_slots * 2 : FIRST_SLOTS) - 1;
  map.slots = mem_alloc((map.mask + 1) * sizeof *map.slots);
  for (size_t i = 0; i < old_slots; i++) {
    if (old[i]) {
      insert(old[i]);
    }
  }
  free(old);
}

static const char *text_of(PyObject *text) {
  const char *utf8 = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
  return utf8 ? utf8 : "?";
}

static int body_of(PyObject *bytes) {
  int resume = code_map_opcode("RESUME");
  for (Py_ssize_t i = 0; bytes && resume >= 0 && i < PyBytes_GET_SIZE(bytes); i += 2) {
    if ((unsigned char)PyBytes_AS_STRING(bytes)[i] == resume) {
      return (int)i;
    }
  }
  return -1;
}

static bool is_watched_path(const char *path) {
  const struct sources *sources = map.rules.sources;
  return (sources && strlist_begins(&sources->packages, path)) || strlist_begins(map.rules.watched_files, path);
}

static void judge(struct code_info *info) {
  const PyCodeObject *code = (const PyCodeObject *)info->code;
  const char *path = text_of(code->co_filename);
  const struct sources *sources = map.rules.sources;
  info->watched = is_watched_path(path);
  if (info->watched && map.rules.cold) {
    cold_keep((PyCodeObject *)info->code);
  }
  info->importer = !strncmp(path, "<frozen importlib", strlen("<frozen importlib"));
  info->body = body_of(info->bytes);
  free((char *)info->file);
  info->file = sources ? sources_trim(sources, path) : mem_dup(path);
}

static PyObject *bytes_of(PyObject *code) {
#if PY_VERSION_HEX >= 0x030B0000
  return PyCode_GetCode((PyCodeObject *)code);
#else
  PyObject *bytes = ((PyCodeObject *)code)->co_code;
  Py_INCREF(bytes);
  return bytes;
#endif
}

static struct code_info *learn(PyObject *object) {
  const PyCodeObject *code = (const PyCodeObject *)object;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  struct code_info *info = mem_alloc(sizeof *info);
  Py_INCREF(object);
  info->code = object;
  const char *name = text_of(code->co_name);
  info->module_body = !strcmp(name, "<module>");
  info->finaliser = !strcmp(name, "__del__");
#if PY_VERSION_HEX >= 0x030B0000
  info->function = mem_dup(text_of(code->co_qualname));
#else
  info->function = mem_dup(name);
#endif
  info->first_line = code->co_firstlineno > 0 ? (uint32_t)code->co_firstlineno : 0;
  info->bytes = bytes_of(object);
  judge(info);
  make_room();
  insert(info);
  map.count++;
  PyErr_Restore(type, value, traceback);
  return info;
}

struct code_info *code_map_get(PyObject *code) {
  if (map.slots) {
    struct code_info *info;
    for (size_t at = home_of(code) & map.mask; (info = map.slots[at]); at = (at + 1) & map.mask) {
      if (info->code == code) {
        return info;
      }
    }
  }
  return learn(code);
}

/* Of the code and of what is defined in it. */
static void keep_all_cold(PyObject *code) {
  const PyCodeObject *outer = (const PyCodeObject *)code;
  if (is_watched_path(text_of(outer->co_filename))) {
    cold_keep((PyCodeObject *)code);
  }
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(outer->co_consts); i++) {
    PyObject *inner = PyTuple_GET_ITEM(outer->co_consts, i);
    if (PyCode_Check(inner)) {
      keep_all_cold(inner);
    }
  }
}

void code_map_settle(void) {
  PyObject *gc = PyImport_ImportModule("gc");
  PyObject *objects = gc ? PyObject_CallMethod(gc, "get_objects", NULL) : NULL;
  for (Py_ssize_t i = 0; objects && i < PyList_GET_SIZE(objects); i++) {
    PyObject *object = PyList_GET_ITEM(objects, i);
    if (PyFunction_Check(object)) {
      keep_all_cold(PyFunction_GET_CODE(object));
    }
  }
  Py_XDECREF(objects);
  Py_XDECREF(gc);
  PyErr_Clear();
}

void code_map_each(void (*each)(struct code_info *info)) {
  size_t count = map.count;
  struct code_info **all = mem_alloc((count + 1) * sizeof(struct code_info *)); /* `each` may make the map grow */
  size_t n = 0;
  for (size_t i = 0; map.slots && i <= map.mask; i++) {
    if (map.slots[i]) {
      all[n++] = map.slots[i];
    }
  }
  for (size_t i = 0; i < n; i++) {
    each(all[i]);
  }
  free(all);
}

uint32_t code_map_line(const struct code_info *info, int offset_bytes) {
  int line = PyCode_Addr2Line((PyCodeObject *)info->code, offset_bytes);
  return line > 0 ? (uint32_t)line : 0;
}

int code_map_opcode(const char *name) {
  for (int i = 0; i < OPCODES; i++) {
    if (map.opcodes[i] && !strcmp(map.opcodes[i], name)) {
      return i;
    }
  }
  return -1;
}

const char *code_map_opcode_name(int opcode) {
  return opcode >= 0 && opcode < OPCODES && map.opcodes[opcode] ? map.opcodes[opcode] : "?";
}

const char *code_map_op(const struct code_info *info, int offset_bytes) {
  PyObject *bytes = info->bytes;
  if (!bytes || offset_bytes < 0 || offset_bytes >= PyBytes_GET_SIZE(bytes)) {
    return "?";
  }
  return code_map_opcode_name((unsigned char)PyBytes_AS_STRING(bytes)[offset_bytes]);
}

static void read_opcodes(void) {
  PyObject *module = PyImport_ImportModule("opcode");
  PyObject *names = module ? PyObject_GetAttrString(module, "opname") : NULL;
  for (Py_ssize_t i = 0; names && PyList_Check(names) && i < OPCODES && i < PyList_GET_SIZE(names); i++) {
    map.opcodes[i] = mem_dup(text_of(PyList_GET_ITEM(names, i)));
  }
  Py_XDECREF(names);
  Py_XDECREF(module);
}

void code_map_init(const struct code_map_rules *rules) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  map.rules = *rules;
  if (!map.opcodes[0]) {
    read_opcodes();
  }
  for (size_t i = 0; map.slots && i <= map.mask; i++) {
    if (map.slots[i]) {
      judge(map.slots[i]);
    }
  }
  PyErr_Clear();
  PyErr_Restore(type, value, traceback);
}

static uint64_t find_place(const struct code_info *info, int offset) {
  uint32_t line = code_map_line(info, offset);
  line = line > info->first_line ? line - info->first_line : 0;
  return schedule_place_id(info->file, info->function, line, code_map_op(info, offset));
}

size_t code_map_units(const struct code_info *info) {
  return info->bytes ? (size_t)PyBytes_GET_SIZE(info->bytes) / 2 : 0;
}

uint64_t code_map_place(struct code_info *info, int offset) {
  if (__builtin_expect(!info->places, 0)) {
    info->places = mem_alloc((code_map_units(info) + 1) * sizeof *info->places);
  }
  uint64_t *place = &info->places[offset < 0 ? 0 : offset / 2];
  if (__builtin_expect(!*place, 0)) {
    *place = find_place(info, offset);
  }
  return *place;
}
