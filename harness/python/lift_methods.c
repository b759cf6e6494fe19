/* What the methods of lists, sets and deques touch. */
#include "python/python.h"

#include <string.h>

#include "python/lift.h"
#include "python/lift_access.h"

#define MOST_MEMBERS 1024 /* of an argument that are told one by one */

enum effect {
  READS,  /* structure and all items */
  WRITES, /* the same */
  GROWS,  /* structure, and the items that come behind */
  APPENDS,
  POPS, /* the last item, without an argument; else anywhere */
  ADDS, /* one key */
  DROPS,
  UPDATES, /* the members of the arguments, as by ADDS */
  SUBTRACTS,
  TOGGLES,
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
    {"add", ADDS},           {"discard", DROPS},
    {"remove", DROPS},       {"pop", WRITES},
    {"clear", WRITES},       {"update", UPDATES},
    {"__ior__", UPDATES},    {"difference_update", SUBTRACTS},
    {"__isub__", SUBTRACTS}, {"symmetric_difference_update", TOGGLES},
    {"__ixor__", TOGGLES},   {"intersection_update", WRITES},
    {"__iand__", WRITES},    {NULL, READS},
};

static const struct method deque_methods[] = {
    {"append", BOTH_ENDS},   {"appendleft", BOTH_ENDS},
    {"extend", BOTH_ENDS},   {"extendleft", BOTH_ENDS},
    {"pop", BOTH_ENDS},      {"popleft", BOTH_ENDS},
    {"insert", BOTH_ENDS},   {"remove", BOTH_ENDS},
    {"reverse", BOTH_ENDS},  {"rotate", BOTH_ENDS},
    {"clear", BOTH_ENDS},    {"__iadd__", BOTH_ENDS},
    {"__imul__", BOTH_ENDS}, {NULL, READS},
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

/* By how much is known of a list or a tuple. */
static void grow(PyObject *list, PyObject *by) {
  Py_ssize_t more = by && (PyList_Check(by) || PyTuple_Check(by)) ? Py_SIZE(by) : 0, size = PyList_GET_SIZE(list);
  lift_touch(list, LIFT_STRUCTURE, NULL, 0, true);
  for (Py_ssize_t i = 0; i < more && i < MOST_MEMBERS; i++) {
    lift_touch(list, LIFT_ITEM, NULL, (uint64_t)(size + i), true);
  }
}

struct change {
  PyObject *set;
  enum effect effect;
};

static int change_member(PyObject *member, void *arg) {
  const struct change *change = arg;
  bool drops = change->effect == SUBTRACTS || (change->effect == TOGGLES && PySet_Contains(change->set, member) == 1);
  lift_member(change->set, member, drops ? ITEM_DELETE : ITEM_SET);
  return 0;
}

/* False where the members are not known without running code. */
static bool change_members(PyObject *members, struct change *change) {
  PyObject *key, *value;
  if (!PyDict_CheckExact(members) && !PyAnySet_CheckExact(members) && !PyList_CheckExact(members) &&
      !PyTuple_CheckExact(members)) {
    return false;
  }
  if (PyObject_Size(members) > MOST_MEMBERS) {
    return false;
  }
  if (PyDict_Check(members)) {
    for (Py_ssize_t at = 0; PyDict_Next(members, &at, &key, &value);) {
      change_member(key, change);
    }
  } else {
    Py_TYPE(members)->tp_traverse(members, change_member, change);
  }
  return true;
}

static void change_by(PyObject *set, enum effect effect, PyObject *const *args, Py_ssize_t count) {
  struct change change = {set, effect};
  for (Py_ssize_t i = 0; i < count; i++) {
    if (!change_members(args[i], &change)) {
      lift_whole(set, true);
    }
  }
}

static void act(PyObject *self, enum effect effect, PyObject *const *args, Py_ssize_t count) {
  bool one = effect == ADDS || effect == DROPS;
  if (effect == APPENDS) {
    list_end(self, PyList_GET_SIZE(self));
  } else if (effect == POPS && !count) {
    list_end(self, PyList_GET_SIZE(self) - 1);
  } else if (effect == GROWS) {
    grow(self, count ? args[0] : NULL);
  } else if (effect == UPDATES || effect == SUBTRACTS || effect == TOGGLES) {
    change_by(self, effect, args, count);
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
