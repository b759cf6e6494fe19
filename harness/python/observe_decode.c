#include "python/python.h"

#include "python/observe_decode.h"

#include "python/lift_access.h"
#include "python/observe_access.h"

/* The operand so far below the top of the stack; NULL where there is none. */
static PyObject *peek(const struct plan_op *op, const struct frame_view *view, int below) {
  return op->depth > below ? view->stack[op->depth - 1 - below] : NULL;
}

static void store_item(PyObject *container, PyObject *key, PyObject *value) {
  access_item(container, key, ITEM_SET);
  if (access_number(container)) {
    access_publish(value);
  }
}

static void store_attr(PyObject *object, PyObject *name, PyObject *value) {
  access_attr(object, name, true);
  if (PyModule_Check(object) || PyType_Check(object) || access_number(object)) {
    access_publish(value);
  }
}

static void contains(PyObject *container, PyObject *item) {
  bool lifts = lift_here;
  if (PyIter_Check(container)) {
    access_drain(container);
    return;
  }
  if (PyAnySet_Check(container)) {
    lift_member(container, item, ITEM_READ);
    lift_here = false;
  }
  access_deep(container);
  lift_here = lifts;
}

/* What the operator with that number calls. */
static const char *operator_method(uint32_t number) {
  static const char *const names[] = {"__iadd__", "__iand__",     "__ifloordiv__", "__ilshift__", "__imatmul__",
                                      "__imul__", "__imod__",     "__ior__",       "__ipow__",    "__irshift__",
                                      "__isub__", "__itruediv__", "__ixor__"};
  uint32_t at = number - 13; /* NB_INPLACE_ADD */
  return at < sizeof names / sizeof *names ? names[at] : "?";
}

static void in_place(const struct plan_op *op, PyObject *left, PyObject *right) {
  PyObject *key, *value;
  if (PyDict_Check(left)) {
    access_length(left);
    if (!PyDict_Check(right)) {
      access_unknown("|= of what is no dict");
      return;
    }
    for (Py_ssize_t at = 0; PyDict_Next(right, &at, &key, &value);) {
      access_item(left, key, ITEM_SET);
    }
  } else {
    bool lifts = lift_here;
    lift_here = lifts && !lift_method(left, operator_method(op->arg), &right, 1);
    access_whole(left, true);
    lift_here = lifts;
  }
  access_deep(right);
  if (PyDict_Check(left) || PyList_Check(left) || PyAnySet_Check(left)) {
    access_publish(right);
  }
}

static void load_name(const struct plan_op *op, const struct frame_view *view) {
  if (view->names && view->names != view->globals && PyDict_Check(view->names)) {
    access_item(view->names, op->name, ITEM_READ);
  }
  access_item(view->globals, op->name, ITEM_READ);
}

static void store_name(const struct plan_op *op, const struct frame_view *view) {
  if (!view->names || !PyDict_Check(view->names)) {
    access_unknown("a namespace that is no dict");
  } else if (op->kind == PLAN_DELETE_NAME) {
    access_item(view->names, op->name, ITEM_DELETE);
  } else {
    store_item(view->names, op->name, peek(op, view, 0));
  }
}

/* [callable, self or NULL, arguments] from 3.13; before, [method, self, arguments] or [NULL, callable, arguments]. */
static void call(const struct plan_op *op, const struct frame_view *view, int above, PyObject *keyword_names) {
  int count = (int)op->arg, bottom = op->depth - above - count - 2;
  if (bottom < 0) {
    access_unknown("CALL");
    return;
  }
  PyObject **slots = &view->stack[bottom];
#if PY_VERSION_HEX >= 0x030D0000
  bool with_self = slots[1] != NULL;
  PyObject *callable = slots[0];
#else
  bool with_self = slots[0] != NULL;
  PyObject *callable = with_self ? slots[0] : slots[1];
#endif
  Py_ssize_t keywords = keyword_names && PyTuple_Check(keyword_names) ? PyTuple_GET_SIZE(keyword_names) : 0;
  if (!callable) {
    access_unknown("CALL");
    return;
  }
  access_call(callable, with_self ? &slots[1] : &slots[2], count - keywords + with_self, keyword_names);
}

static void call_spread(const struct plan_op *op, const struct frame_view *view) {
  int keywords = op->arg & 1;
  PyObject *callable = peek(op, view, keywords + (PY_VERSION_HEX >= 0x030D0000 ? 2 : 1));
  PyObject *args = peek(op, view, keywords);
  if (callable && args) {
    access_call_dict(callable, args, keywords ? peek(op, view, 0) : NULL);
  } else {
    access_unknown("CALL_FUNCTION_EX");
  }
}

static void import_name(const struct plan_op *op, const struct frame_view *view) {
  PyObject *level = peek(op, view, 1), *modules = PyImport_GetModuleDict();
  bool absolute = level && PyLong_CheckExact(level) && PyLong_AsLong(level) == 0;
  if (absolute && PyDict_Contains(modules, op->name) == 1) {
    access_item(modules, op->name, ITEM_READ);
  } else {
    access_unknown("an import");
  }
}

static bool decode_stores(const struct plan_op *op, const struct frame_view *view, PyObject *top, PyObject *second) {
  switch (op->kind) {
  case PLAN_STORE_ATTR:
    store_attr(top, op->name, second);
    return true;
  case PLAN_DELETE_ATTR:
    access_attr(top, op->name, true);
    return true;
  case PLAN_STORE_ITEM:
    store_item(second, top, peek(op, view, 2));
    return true;
  case PLAN_DELETE_ITEM:
    access_item(second, top, ITEM_DELETE);
    return true;
  case PLAN_STORE_SLICE:
    access_whole(peek(op, view, 2), true);
    access_publish(peek(op, view, 3));
    access_deep(peek(op, view, 3));
    return true;
  case PLAN_INPLACE:
    in_place(op, second, top);
    return true;
  case PLAN_STORE_GLOBAL:
    store_item(view->globals, op->name, top);
    return true;
  case PLAN_DELETE_GLOBAL:
    access_item(view->globals, op->name, ITEM_DELETE);
    return true;
  case PLAN_STORE_NAME:
  case PLAN_DELETE_NAME:
    store_name(op, view);
    return true;
  case PLAN_STORE_CELL:
    access_cell(view->locals[op->arg], true);
    access_publish(top);
    return true;
  default:
    return false;
  }
}

static bool decode_calls(const struct plan_op *op, const struct frame_view *view, PyObject *top) {
  switch (op->kind) {
  case PLAN_CALL:
    call(op, view, 0, op->name);
    return true;
  case PLAN_CALL_KEYWORDS:
    call(op, view, 1, top);
    return true;
  case PLAN_CALL_SPREAD:
    call_spread(op, view);
    return true;
  case PLAN_ENTER:
    access_enter(top);
    return true;
  case PLAN_EXIT:
    access_call(peek(op, view, 3), NULL, 0, NULL);
    return true;
  case PLAN_IMPORT:
    import_name(op, view);
    return true;
  default:
    return false;
  }
}

static void decode_reads(const struct plan_op *op, const struct frame_view *view, PyObject *top, PyObject *second) {
  switch (op->kind) {
  case PLAN_LOAD_ATTR:
  case PLAN_LOAD_SUPER:
  case PLAN_IMPORT_FROM:
    access_attr(top, op->name, false);
    break;
  case PLAN_LOAD_ITEM:
    access_item(second, top, ITEM_READ);
    break;
  case PLAN_LOAD_SLICE:
    access_whole(peek(op, view, 2), false);
    break;
  case PLAN_CONTAINS:
    if (PyDict_Check(top)) {
      access_item(top, second, ITEM_READ);
    } else {
      contains(top, second);
    }
    break;
  case PLAN_ITER:
    access_new_iterator(top);
    break;
  case PLAN_NEXT:
    access_next(op->arg ? second : top);
    break;
  case PLAN_READ:
    access_deep(top);
    if (op->arg > 1) {
      access_deep(second);
    }
    break;
  case PLAN_READ_WHOLE:
    access_drain(top);
    break;
  case PLAN_LENGTH:
    access_length(top);
    break;
  case PLAN_LOAD_GLOBAL:
    access_item(view->globals, op->name, ITEM_READ);
    break;
  case PLAN_LOAD_NAME:
    load_name(op, view);
    break;
  case PLAN_LOAD_CELL:
    access_cell(view->locals[op->arg], false);
    break;
  default:
    access_unknown("an instruction");
  }
}

/* How many operands an instruction has at least. */
static int least(enum plan_kind kind) {
  switch (kind) {
  case PLAN_LOAD_GLOBAL:
  case PLAN_DELETE_GLOBAL:
  case PLAN_LOAD_NAME:
  case PLAN_DELETE_NAME:
  case PLAN_LOAD_CELL:
  case PLAN_STORE_CELL:
  case PLAN_CALL:
  case PLAN_CALL_SPREAD:
  case PLAN_IMPORT:
    return 0;
  case PLAN_STORE_ITEM:
  case PLAN_LOAD_SLICE:
    return 3;
  case PLAN_STORE_SLICE:
  case PLAN_EXIT:
    return 4;
  case PLAN_STORE_ATTR:
  case PLAN_LOAD_ITEM:
  case PLAN_DELETE_ITEM:
  case PLAN_CONTAINS:
  case PLAN_INPLACE:
    return 2;
  default:
    return 1;
  }
}

void decode(const struct plan_op *op, const struct frame_view *view) {
  int wanted =
      op->kind == PLAN_READ || op->kind == PLAN_NEXT ? (int)op->arg + (op->kind == PLAN_NEXT) : least(op->kind);
  for (int i = 0; i < wanted; i++) {
    if (!peek(op, view, i)) {
      access_unknown("a missing operand");
      return;
    }
  }
  PyObject *top = peek(op, view, 0), *second = peek(op, view, 1);
  if (!decode_stores(op, view, top, second) && !decode_calls(op, view, top)) {
    decode_reads(op, view, top, second);
  }
}
