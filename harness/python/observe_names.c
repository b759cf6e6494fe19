#include "python/python.h"

#include "python/observe_names.h"

#include <frameobject.h>
#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"

#define FIRST_SLOTS 4096
#define MOST_THREADS 65
#define MOST_BASE 400000  /* objects that are numbered when observing begins */
#define MOST_WALKED 20000 /* objects that one walk within a schedule numbers */
#define MOST_NESTED 4     /* objects that are walked through without a number, one in the other */
#define ALIAS (UINT64_C(1) << 63)

struct name {
  PyObject *object; /* owned */
  uint64_t number;
};

struct names {
  struct name *slots; /* open addressing; emptied as a whole */
  size_t mask;
  size_t *used; /* the slots that are taken, in order */
  size_t count;
};

struct walk {
  struct names *into;
  PyObject **todo;
  size_t count;
  size_t room;
  size_t left; /* how many more may be numbered */
  int nested;
};

static struct {
  struct names base;
  struct names schedule;
  struct walk walk; /* its memory is used again */
  uint64_t met[MOST_THREADS];
  int (*thread)(void);
} all;

uint64_t names_mix(uint64_t a, uint64_t b) {
  uint64_t x = (a ^ (b + UINT64_C(0x9E3779B97F4A7C15) + (a << 6) + (a >> 2))) * UINT64_C(0xBF58476D1CE4E5B9);
  x ^= x >> 29;
  x *= UINT64_C(0x94D049BB133111EB);
  x ^= x >> 32;
  return x ? x : 1;
}

static size_t home_of(const struct names *names, const PyObject *object) {
  return (size_t)(((uintptr_t)object >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 30) & names->mask;
}

static struct name *find(const struct names *names, const PyObject *object) {
  if (!names->slots) {
    return NULL;
  }
  for (size_t at = home_of(names, object); names->slots[at].object; at = (at + 1) & names->mask) {
    if (names->slots[at].object == object) {
      return &names->slots[at];
    }
  }
  return NULL;
}

static void put(struct names *names, PyObject *object, uint64_t number) {
  size_t at = home_of(names, object);
  while (names->slots[at].object) {
    at = (at + 1) & names->mask;
  }
  names->slots[at] = (struct name){object, number};
  names->used[names->count++] = at;
}

static void make_room(struct names *names) {
  if (names->slots && names->count * 2 < names->mask) {
    return;
  }
  struct names old = *names;
  names->mask = (old.slots ? (old.mask + 1) * 4 : FIRST_SLOTS) - 1;
  names->slots = mem_alloc((names->mask + 1) * sizeof *names->slots);
  names->used = mem_alloc((names->mask + 1) / 2 * sizeof *names->used + sizeof *names->used);
  names->count = 0;
  for (size_t i = 0; i < old.count; i++) {
    const struct name *name = &old.slots[old.used[i]];
    put(names, name->object, name->number);
  }
  free(old.slots);
  free(old.used);
}

static void add(struct names *names, PyObject *object, uint64_t number) {
  make_room(names);
  Py_INCREF(object);
  put(names, object, number);
}

bool names_immutable(PyObject *object) {
  const PyTypeObject *type = Py_TYPE(object);
  return type == &PyUnicode_Type || type == &PyLong_Type || type == &PyTuple_Type || object == Py_None ||
         type == &PyBool_Type || type == &PyFloat_Type || type == &PyBytes_Type || type == &PyCode_Type ||
         type == &PyFrozenSet_Type || type == &PyRange_Type || type == &PySlice_Type || type == &PyComplex_Type ||
         type == &PyEllipsis_Type || object == Py_NotImplemented || type == &PyCFunction_Type ||
         type == &PyMethod_Type || type == &PyMethodDescr_Type || type == &PyWrapperDescr_Type;
}

/* Its end runs code: it must come when the program lets go of it. */
static bool ends_with_code(PyObject *object) {
  return Py_TYPE(object)->tp_finalize || Py_TYPE(object)->tp_del || PyFrame_Check(object) || PyTraceBack_Check(object);
}

static uint64_t number_of_type(PyObject *object) {
  uint64_t number = 14695981039346656037U;
  for (const char *p = Py_TYPE(object)->tp_name; *p; p++) {
    number = (number ^ (unsigned char)*p) * 1099511628211U;
  }
  return number & ~ALIAS;
}

static int met(PyObject *object, void *arg) {
  struct walk *walk = arg;
  const PyTypeObject *type = Py_TYPE(object);
  if (!walk->left || type == &PyUnicode_Type || type == &PyLong_Type || object == Py_None || type == &PyFloat_Type ||
      type == &PyBytes_Type || type == &PyCode_Type || type == &PyBool_Type || find(&all.base, object) ||
      find(walk->into, object)) {
    return 0;
  }
  if (ends_with_code(object)) { /* has no number of its own, but what it holds has */
    if (walk->nested < MOST_NESTED && PyObject_IS_GC(object) && type->tp_traverse && !PyFrame_Check(object)) {
      walk->nested++;
      walk->left--;
      type->tp_traverse(object, met, walk);
      walk->nested--;
    }
    return 0;
  }
  if (walk->count == walk->room) {
    walk->room = walk->room ? walk->room * 2 : 1024;
    walk->todo = mem_grow(walk->todo, walk->room * sizeof(PyObject *));
  }
  int thread = walk->into == &all.schedule && all.thread ? all.thread() + 1 : 0;
  thread = thread < 0 || thread >= MOST_THREADS ? 0 : thread;
  uint64_t ordinal = walk->into == &all.base ? all.base.count : all.met[thread]++;
  uint64_t owner = walk->into == &all.base ? 1 : 2 + (uint64_t)thread;
  add(walk->into, object, names_mix(owner, ordinal) & ~ALIAS);
  walk->left--;
  walk->todo[walk->count++] = object;
  return 0;
}

/* Tuples, bound methods and the like need no number, but what they hold does, and they must not be walked twice. */
static void walk_from(PyObject *object, struct names *into, size_t most) {
  struct walk *walk = &all.walk;
  walk->into = into;
  walk->nested = 0;
  walk->left = most;
  walk->count = 0;
  met(object, walk);
  for (size_t done = 0; done < walk->count; done++) { /* breadth first: near things even where the walk is cut */
    PyObject *next = walk->todo[done];
    if (PyObject_IS_GC(next) && Py_TYPE(next)->tp_traverse) {
      Py_TYPE(next)->tp_traverse(next, met, walk);
    }
  }
}

static void forget(struct names *names) {
  /* Letting go may run code that meets objects: the table is empty by then. */
  size_t count = names->count;
  PyObject **objects = mem_alloc((count + 1) * sizeof(PyObject *));
  for (size_t i = 0; i < count; i++) {
    struct name *name = &names->slots[names->used[i]];
    objects[i] = name->object;
    *name = (struct name){NULL, 0};
  }
  names->count = 0;
  for (size_t i = 0; i < count; i++) {
    Py_DECREF(objects[i]);
  }
  free(objects);
}

void names_start(int (*thread)(void)) {
  all.thread = thread;
  if (!all.base.count) {
    walk_from(PyImport_GetModuleDict(), &all.base, MOST_BASE);
  }
}

void names_begin(PyObject *root) {
  names_end();
  if (root) {
    int (*thread)(void) = all.thread;
    all.thread = NULL;
    walk_from(root, &all.schedule, MOST_WALKED);
    all.thread = thread;
  }
}

void names_end(void) {
  forget(&all.schedule);
  memset(all.met, 0, sizeof all.met);
}

uint64_t names_known(PyObject *object) {
  const struct name *name = find(&all.schedule, object);
  name = name ? name : find(&all.base, object);
  return name ? name->number : 0;
}

uint64_t names_number(PyObject *object) {
  uint64_t number = names_known(object);
  if (number) {
    return number;
  }
  walk_from(object, &all.schedule, MOST_WALKED);
  if (names_immutable(object)) {
    return 0;
  }
  number = names_known(object);
  return number ? number : number_of_type(object);
}

void names_alias(PyObject *object, uint64_t number) {
  struct name *name = find(&all.schedule, object);
  name = name ? name : find(&all.base, object);
  if (name) {
    name->number = number | ALIAS;
  } else {
    add(&all.schedule, object, number | ALIAS);
  }
}

bool names_is_alias(uint64_t number) { return number & ALIAS; }

uint64_t names_unalias(uint64_t number) { return number & ~ALIAS; }
