/* What the methods of lists, sets and deques touch. */
#include "python/python.h"

#include <string.h>

#include "python/lift.h"
#include "python/lift_access.h"

enum effect {
  READS,  /* structure and all items */
  WRITES, /* the same */
  GROWS,  /* structure; items are new */
  APPENDS,
  POPS, /* the last item, without an argument; else anywhere */
  ADDS, /* one key */
  DROPS,
  BOTH_ENDS, /* structure and content of a deque */
};

struct method {
  const char *name;
  enum effect effect;
};

static const struct method list_methods[] = {
    {"append", APPENDS}, {"extend", GROWS},   {"__iadd__", GROWS}, {"pop", POPS},     {"insert", WRITES},
    {"remove", WRITES},  {"reverse", WRITES}, {"sort", WRITES},    {"clear", WRITES}, {"__imul__", WRITES},
    {"index", READS},    {"count", READS},    {"copy", READS},     {NULL, READS},
};

static const struct method set_methods[] = {
    {"add", ADDS},
    {"discard", DROPS},
    {"remove", DROPS},
    {"pop", WRITES},
    {"clear", WRITES},
    {"update", WRITES},
    {"difference_update", WRITES},
    {"intersection_update", WRITES},
    {"symmetric_difference_update", WRITES},
    {NULL, READS},
};

static const struct method deque_methods[] = {
    {"append", BOTH_ENDS},  {"appendleft", BOTH_ENDS}, {"extend", BOTH_ENDS}, {"extendleft", BOTH_ENDS},
    {"pop", BOTH_ENDS},     {"popleft", BOTH_ENDS},    {"insert", BOTH_ENDS}, {"remove", BOTH_ENDS},
    {"reverse", BOTH_ENDS}, {"rotate", BOTH_ENDS},     {"clear", BOTH_ENDS},  {NULL, READS},
};

static enum effect effect_of(const struct method *methods, const char *name) {
  while (methods->name && strcmp(methods->name, name) != 0) {
    methods++;
  }
  return methods->effect;
}

static void list_end(PyObject *list, Py_ssize_t index) {
  lift_touch(list, LIFT_STRUCTURE, NULL, 0, true);
  if (index >= 0) {
    lift_touch(list, LIFT_ITEM, NULL, (uint64_t)index, true);
  }
}

static void act(PyObject *self, enum effect effect, PyObject *const *args, Py_ssize_t count) {
  bool one = effect == ADDS || effect == DROPS;
  if (effect == APPENDS) {
    list_end(self, PyList_GET_SIZE(self));
  } else if (effect == POPS && !count) {
    list_end(self, PyList_GET_SIZE(self) - 1);
  } else if (effect == GROWS) {
    lift_touch(self, LIFT_STRUCTURE, NULL, 0, true);
  } else if (one && count) {
    lift_member(self, args[0], effect == ADDS ? ITEM_SET : ITEM_DELETE);
  } else {
    lift_whole(self, effect != READS);
  }
}

static const struct method *methods_of(PyObject *self) {
  return PyList_CheckExact(self)               ? list_methods
         : PySet_Check(self)                   ? set_methods
         : Py_TYPE(self) == access_types.deque ? deque_methods
                                               : NULL;
}

bool lift_method(PyObject *self, const char *name, PyObject *const *args, Py_ssize_t count) {
  const struct method *methods = methods_of(self);
  if (!methods) {
    return false;
  }
  if (lift_follows(self)) {
    act(self, effect_of(methods, name), args, count);
  }
  return true;
}
