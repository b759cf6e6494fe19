#include "python/python.h"

#include "python/observe_access.h"

#include <stdlib.h>
#include <string.h>

#include "platform/mem.h"
#include "python/observe_names.h"

/* What a C function does, by its name and by where it is from. */
enum action {
  ACT_PURE,       /* touches nothing shared, or tells of it itself */
  ACT_PUBLISH,    /* the same, but its arguments become known to others */
  ACT_ARGS_WHOLE, /* reads its arguments, one level */
  ACT_ARGS_DEEP,  /* reads its arguments and what they contain */
  ACT_ARGS_WRITE, /* writes its arguments */
  ACT_LENGTH,     /* of its first argument */
  ACT_ITERATOR,
  ACT_NEXT,
  ACT_GET_ATTR,
  ACT_SET_ATTR,
  ACT_VARS,
  ACT_SELF_LENGTH,
  ACT_SELF_READ, /* reads self and its arguments as wholes */
  ACT_SELF_DEEP,
  ACT_SELF_WRITE, /* writes self as a whole, reads its arguments */
  ACT_ITEM_READ,  /* self[first] */
  ACT_ITEM_SET,   /* self[first] = second */
  ACT_ITEM_DELETE,
  ACT_UPDATE,    /* dict.update */
  ACT_SELF_ATTR, /* object.__setattr__ and its like: the attribute that is named */
  ACT_SELF_GET_ATTR,
  ACT_MODULE, /* a module's hidden state, and its arguments */
  ACT_UNKNOWN,
};

struct named {
  const char *names; /* between blanks; NULL: all others */
  enum action action;
};

static const struct named dict_methods[] = {
    {" get __getitem__ __contains__ ", ACT_ITEM_READ},
    {" keys values items __init_subclass__ __class_getitem__ __reversed__ __hash__ __new__ ", ACT_PURE},
    {" __len__ __bool__ __iter__ ", ACT_SELF_LENGTH},
    {" copy __copy__ __or__ __ror__ ", ACT_SELF_READ},
    {" __eq__ __ne__ __repr__ __str__ ", ACT_SELF_DEEP},
    {" setdefault __setitem__ __missing__ ", ACT_ITEM_SET},
    {" pop __delitem__ ", ACT_ITEM_DELETE},
    {" update __init__ __ior__ ", ACT_UPDATE},
    {NULL, ACT_SELF_WRITE},
};

static const struct named sequence_methods[] = {
    {" index count copy __copy__ __len__ __bool__ __getitem__ __contains__ __iter__ __reversed__ isdisjoint issubset "
     "issuperset union intersection difference symmetric_difference __add__ __mul__ __rmul__ __or__ __and__ __sub__ "
     "__xor__ __ror__ __rand__ __rsub__ __rxor__ __reduce__ __sizeof__ decode startswith endswith find ",
     ACT_SELF_READ},
    {" __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __repr__ __str__ ", ACT_SELF_DEEP},
    {" __new__ __hash__ __class_getitem__ __init_subclass__ ", ACT_PURE},
    {NULL, ACT_SELF_WRITE},
};

static const struct named object_methods[] = {
    {" __init__ __new__ __hash__ __repr__ __str__ __eq__ __ne__ __init_subclass__ __subclasshook__ __format__ "
     "__sizeof__ "
     "__class_getitem__ mro __instancecheck__ __subclasscheck__ __prepare__ __or__ ",
     ACT_PURE},
    {" __setattr__ __delattr__ ", ACT_SELF_ATTR},
    {" __getattribute__ ", ACT_SELF_GET_ATTR},
    {NULL, ACT_UNKNOWN},
};

static const struct named builtins[] = {
    {" isinstance issubclass callable id hash ord chr globals locals __build_class__ exec eval compile super iter_ ",
     ACT_PURE},
    {" len ", ACT_LENGTH},
    {" iter aiter ", ACT_ITERATOR},
    {" next anext ", ACT_NEXT},
    {" getattr hasattr ", ACT_GET_ATTR},
    {" setattr delattr ", ACT_SET_ATTR},
    {" vars ", ACT_VARS},
    {" any all sum abs round divmod pow bin hex oct ", ACT_ARGS_WHOLE},
    {" sorted min max repr ascii format ", ACT_ARGS_DEEP},
    {NULL, ACT_UNKNOWN},
};

static const struct named operator_functions[] = {
    {" setitem delitem iadd iand iconcat ifloordiv ilshift imatmul imod imul ior ipow irshift isub itruediv ixor ",
     ACT_ARGS_WRITE},
    {NULL, ACT_ARGS_DEEP},
};

static const struct named sys_functions[] = {
    {" exc_info exception intern _getframe getrecursionlimit is_finalizing getsizeof getdefaultencoding "
     "getfilesystemencoding getswitchinterval ",
     ACT_PURE},
    {NULL, ACT_MODULE},
};

static const struct named all_pure[] = {{NULL, ACT_PURE}};
static const struct named all_publish[] = {{NULL, ACT_PUBLISH}};
static const struct named all_deep[] = {{NULL, ACT_ARGS_DEEP}};
static const struct named all_write[] = {{NULL, ACT_ARGS_WRITE}};
static const struct named all_module[] = {{NULL, ACT_MODULE}};

static const struct {
  const char *module;
  const struct named *functions;
} modules[] = {
    {"builtins", builtins},
    {"sys", sys_functions},
    {"math", all_deep},
    {"cmath", all_deep},
    {"_operator", operator_functions},
    {"_functools", all_deep},
    {"itertools", all_deep},
    {"time", all_pure},
    {"_thread", all_publish},
    {"flashflood", all_publish},
    {"_collections", all_write},
    {"_struct", all_deep},
    {"_heapq", all_write},
    {"_bisect", all_write},
    {"_abc", all_pure},
    {"_typing", all_pure},
    {"_json", all_deep},
    {"_sre", all_deep},
    {"binascii", all_deep},
    {"zlib", all_deep},
    {"_string", all_deep},
    {"_stat", all_pure},
    {"_statistics", all_deep},
    {"_datetime", all_deep},
    {"unicodedata", all_deep},
};

static enum action pick(const struct named *list, const char *name) {
  char needle[80];
  if (strlen(name) > sizeof needle - 3) {
    name = "?";
  }
  needle[0] = ' ';
  char *end = stpcpy(needle + 1, name);
  end[0] = ' ';
  end[1] = '\0';
  while (list->names && !strstr(list->names, needle)) {
    list++;
  }
  return list->action;
}

/* ---- the action of a definition, found once ---- */

#define SLOTS 4096

struct known {
  const void *definition; /* PyMethodDef or wrapperbase, static in their library */
  const void *owner;
  enum action action;
};

static struct known known[SLOTS];

static bool inherits_name(const PyTypeObject *type, const char *prefix) {
  return !strncmp(type->tp_name, prefix, strlen(prefix));
}

static bool tells_itself(const PyTypeObject *type) {
  return inherits_name(type, "_thread.") || inherits_name(type, "flashflood.");
}

static bool is_string_like(const PyTypeObject *type) {
  return PyType_IsSubtype((PyTypeObject *)type, &PyUnicode_Type) ||
         PyType_IsSubtype((PyTypeObject *)type, &PyBytes_Type) ||
         PyType_IsSubtype((PyTypeObject *)type, &PyLong_Type) ||
         PyType_IsSubtype((PyTypeObject *)type, &PyFloat_Type) ||
         PyType_IsSubtype((PyTypeObject *)type, &PyTuple_Type) || type == &PyFrozenSet_Type || type == &PyRange_Type ||
         type == &PyComplex_Type;
}

/* Of a method that `type` defines. */
static enum action method_action(PyTypeObject *type, const char *name) {
  if (PyType_IsSubtype(type, &PyDict_Type)) {
    return pick(dict_methods, name);
  }
  if (type == &PyList_Type || type == &PySet_Type || type == &PyByteArray_Type ||
      !strcmp(type->tp_name, "collections.deque")) {
    return pick(sequence_methods, name);
  }
  if (type == &PyBaseObject_Type || type == &PyType_Type) {
    return pick(object_methods, name);
  }
  if (tells_itself(type)) {
    return ACT_PUBLISH;
  }
  if (is_string_like(type) || inherits_name(type, "re.") || inherits_name(type, "datetime.") ||
      inherits_name(type, "_struct.")) {
    return ACT_ARGS_DEEP;
  }
  if (type == &PyGen_Type || type == &PyCoro_Type || inherits_name(type, "dict_")) {
    return ACT_SELF_READ;
  }
  return ACT_SELF_WRITE;
}

static enum action function_action(PyObject *module, const char *name) {
  const char *text = module && PyUnicode_Check(module) ? PyUnicode_AsUTF8(module) : NULL;
  for (size_t i = 0; text && i < sizeof modules / sizeof *modules; i++) {
    if (!strcmp(modules[i].module, text)) {
      return pick(modules[i].functions, name);
    }
  }
  PyErr_Clear();
  return text ? pick(all_module, name) : ACT_UNKNOWN;
}

static enum action *remember(const void *definition, const void *owner, bool *fresh) {
  size_t at = (((uintptr_t)definition >> 3) ^ ((uintptr_t)owner >> 4)) % SLOTS;
  *fresh = known[at].definition != definition || known[at].owner != owner;
  known[at].definition = definition;
  known[at].owner = owner;
  return &known[at].action;
}

static enum action action_of_method(const void *definition, PyTypeObject *type, const char *name) {
  bool fresh;
  enum action *action = remember(definition, type, &fresh);
  if (fresh) {
    *action = method_action(type, name);
  }
  return *action;
}

/* The C type that defines the method, at or above the object's own. */
static PyTypeObject *definer_of(const PyMethodDef *definition, PyTypeObject *type) {
  for (PyTypeObject *at = type; at; at = at->tp_base) {
    for (const PyMethodDef *def = at->tp_methods; def && def->ml_name; def++) {
      if (def == definition) {
        return at;
      }
    }
  }
  return type;
}

static enum action action_of_bound(const PyMethodDef *definition, PyTypeObject *type) {
  bool fresh;
  enum action *action = remember(definition, type, &fresh);
  if (fresh) {
    *action = method_action(definer_of(definition, type), definition->ml_name);
  }
  return *action;
}

static enum action action_of_function(const PyCFunctionObject *function) {
  bool fresh;
  enum action *action = remember(function->m_ml, NULL, &fresh);
  if (fresh) {
    *action = function_action(function->m_module, function->m_ml->ml_name);
  }
  return *action;
}

/* ---- carrying it out ---- */

struct call {
  const char *name;
  PyObject *module; /* a str or NULL */
  PyObject *self;   /* NULL: none */
  PyObject *const *args;
  Py_ssize_t positional;
  Py_ssize_t all; /* with the values of keywords */
  PyObject *keyword_names;
};

static void each_arg(const struct call *call, void (*act)(PyObject *)) {
  for (Py_ssize_t i = 0; i < call->all; i++) {
    act(call->args[i]);
  }
}

static void read_whole(PyObject *object) {
  if (Py_TYPE(object)->tp_iternext) {
    access_drain(object);
  } else {
    access_whole(object, false);
  }
}

static void write_whole(PyObject *object) {
  if (Py_TYPE(object)->tp_iternext) {
    access_drain(object);
  } else if (!PyType_Check(object) && !PyModule_Check(object) && !PyFunction_Check(object)) {
    access_whole(object, true);
  }
}

static void act_attr(PyObject *object, PyObject *name, bool write, PyObject *value) {
  if (object && name) {
    access_attr(object, name, write);
    if (value) {
      access_publish(value);
    }
  }
}

static void act_item(const struct call *call, enum item_access how) {
  if (!call->self || !call->positional) {
    access_unknown(call->name);
    return;
  }
  access_item(call->self, call->args[0], how);
  if (how == ITEM_SET) {
    each_arg(call, access_publish);
    access_await_result(NULL);
  }
}

static void act_update(const struct call *call) {
  for (Py_ssize_t i = 0; i < call->positional; i++) {
    PyObject *other = call->args[i], *key, *value;
    if (PyDict_Check(other)) {
      read_whole(other);
      for (Py_ssize_t at = 0; PyDict_Next(other, &at, &key, &value);) {
        access_item(call->self, key, ITEM_SET);
        access_publish(value);
      }
    } else if (i > 0 || !PyType_IsSubtype(Py_TYPE(call->self), &PyDict_Type) || other != Py_None) {
      bool factory = PyCallable_Check(other) && !strcmp(Py_TYPE(call->self)->tp_name, "collections.defaultdict");
      if (!factory) {
        access_unknown("dict.update of what is no dict");
      }
    }
  }
  for (Py_ssize_t i = call->positional; i < call->all; i++) {
    access_item(call->self, PyTuple_GET_ITEM(call->keyword_names, i - call->positional), ITEM_SET);
    access_publish(call->args[i]);
  }
}

static void act_module(const struct call *call) {
  const char *module = call->module ? PyUnicode_AsUTF8(call->module) : NULL;
  char name[160];
  snprintf(name, sizeof name, "%s.%s", module ? module : "?", call->name);
  access_note(name);
  access_module(module ? module : "?");
  each_arg(call, write_whole);
  each_arg(call, access_publish);
  access_await_result(NULL);
}

static void act_unknown(const struct call *call) {
  const char *owner = call->self && !PyModule_Check(call->self) ? Py_TYPE(call->self)->tp_name : NULL;
  char name[160];
  snprintf(name, sizeof name, "%s%s%s", owner ? owner : "", owner ? "." : "", call->name);
  access_unknown(name);
  each_arg(call, access_publish);
  access_await_result(NULL);
}

static void act_on_args(const struct call *call, enum action action) {
  PyObject *first = call->all > 0 ? call->args[0] : NULL;
  PyObject *second = call->all > 1 ? call->args[1] : NULL;
  if (action == ACT_PUBLISH) {
    each_arg(call, access_publish);
  } else if (action == ACT_ARGS_WHOLE) {
    each_arg(call, read_whole);
  } else if (action == ACT_ARGS_DEEP) {
    each_arg(call, access_deep);
  } else if (action == ACT_ARGS_WRITE) {
    each_arg(call, write_whole);
    each_arg(call, access_publish);
  } else if (!first) {
    if (action != ACT_PURE) {
      act_unknown(call);
    }
  } else if (action == ACT_LENGTH) {
    access_length(first);
  } else if (action == ACT_ITERATOR) {
    access_new_iterator(first);
  } else if (action == ACT_NEXT) {
    access_next(first);
  } else if (action == ACT_GET_ATTR || action == ACT_SET_ATTR) {
    act_attr(first, second, action == ACT_SET_ATTR, call->all > 2 ? call->args[2] : NULL);
  } else if (action == ACT_VARS) {
    access_unknown("vars");
    access_await_result(first);
  }
}

static void act_on_self(const struct call *call, enum action action) {
  if (action == ACT_SELF_LENGTH) {
    access_length(call->self);
  } else if (action == ACT_SELF_READ) {
    access_whole(call->self, false);
    each_arg(call, read_whole);
  } else if (action == ACT_SELF_DEEP) {
    access_deep(call->self);
    each_arg(call, access_deep);
  } else if (action == ACT_SELF_WRITE) {
    access_whole(call->self, true);
    each_arg(call, read_whole);
    each_arg(call, access_publish);
  } else if (action == ACT_ITEM_READ || action == ACT_ITEM_SET || action == ACT_ITEM_DELETE) {
    act_item(call, action == ACT_ITEM_READ ? ITEM_READ : action == ACT_ITEM_SET ? ITEM_SET : ITEM_DELETE);
  } else if (action == ACT_UPDATE) {
    act_update(call);
  } else if (action == ACT_SELF_ATTR || action == ACT_SELF_GET_ATTR) {
    act_attr(call->self, call->positional ? call->args[0] : NULL, action == ACT_SELF_ATTR,
             call->positional > 1 ? call->args[1] : NULL);
  }
}

static void act(const struct call *call, enum action action) {
  if (action == ACT_UNKNOWN) {
    act_unknown(call);
  } else if (action == ACT_MODULE) {
    act_module(call);
  } else if (action >= ACT_SELF_LENGTH && action <= ACT_SELF_GET_ATTR) {
    if (call->self) {
      act_on_self(call, action);
    } else {
      act_unknown(call);
    }
  } else {
    act_on_args(call, action);
  }
}

/* ---- what is called ---- */

static void call_c_function(const PyCFunctionObject *function, struct call *call) {
  PyObject *self = function->m_self;
  call->name = function->m_ml->ml_name;
  call->module = function->m_module;
  if (!self || PyModule_Check(self)) {
    act(call, action_of_function(function));
  } else if (PyType_Check(self)) { /* dict.fromkeys, object.__new__ */
    act(call, !strcmp(call->name, "__new__") || !strcmp(call->name, "__prepare__") ? ACT_PURE : ACT_ARGS_WHOLE);
  } else {
    call->self = self;
    act(call, action_of_bound(function->m_ml, Py_TYPE(self)));
  }
}

static void take_self(struct call *call) {
  if (call->positional) {
    call->self = call->args[0];
    call->args++;
    call->positional--;
    call->all--;
  }
}

static void call_descriptor(PyObject *callable, struct call *call) {
  const PyDescrObject *descriptor = (const PyDescrObject *)callable;
  const void *definition;
  if (Py_TYPE(callable) == &PyMethodDescr_Type) {
    definition = ((PyMethodDescrObject *)callable)->d_method;
    call->name = ((PyMethodDescrObject *)callable)->d_method->ml_name;
  } else {
    definition = ((PyWrapperDescrObject *)callable)->d_base;
    call->name = ((PyWrapperDescrObject *)callable)->d_base->name;
  }
  take_self(call);
  if (call->self) {
    act(call, action_of_method(definition, descriptor->d_type, call->name));
  }
}

/* A bound slot wrapper, as super().__init__ gives: {descriptor, self}, declared in no header. */
struct method_wrapper {
  PyObject_HEAD;
  PyWrapperDescrObject *descriptor;
  PyObject *self;
};

static void call_method_wrapper(PyObject *callable, struct call *call) {
  const struct method_wrapper *wrapper = (const struct method_wrapper *)callable;
  call->self = wrapper->self;
  call->name = wrapper->descriptor->d_base->name;
  act(call, action_of_method(wrapper->descriptor->d_base, PyDescr_TYPE(wrapper->descriptor), call->name));
}

static bool is_container_type(PyTypeObject *type) {
  return PyType_IsSubtype(type, &PyDict_Type) || PyType_IsSubtype(type, &PyList_Type) ||
         PyType_IsSubtype(type, &PySet_Type) || PyType_IsSubtype(type, &PyTuple_Type) ||
         PyType_IsSubtype(type, &PyFrozenSet_Type);
}

static void call_type(PyTypeObject *type, struct call *call) {
  call->name = type->tp_name;
  bool python = type->tp_flags & Py_TPFLAGS_HEAPTYPE && type->tp_dictoffset;
  if (type == &PyType_Type || (python && !is_container_type(type))) {
    act(call, ACT_PURE);
  } else if (type == &PyReversed_Type) { /* takes the length */
    each_arg(call, read_whole);
  } else if (type->tp_iternext) { /* zip, map, enumerate: makes iterators of its arguments */
    each_arg(call, access_new_iterator);
  } else {
    bool text = type == &PyUnicode_Type || type == &PyBytes_Type;
    act(call, text ? ACT_ARGS_DEEP : ACT_ARGS_WHOLE);
  }
}

#define MOST_BOUND 32

/* functools.partial: what it calls, with its arguments before the call's own. */
static void call_partial(PyObject *callable, struct call *call) {
  PyObject *function = PyObject_GetAttrString(callable, "func"); /* members of the C type: nothing of Python runs */
  PyObject *bound = PyObject_GetAttrString(callable, "args");
  PyObject *keywords = PyObject_GetAttrString(callable, "keywords");
  PyObject *args[MOST_BOUND];
  Py_ssize_t count = 0;
  if (function && bound && keywords && PyTuple_CheckExact(bound) && PyDict_CheckExact(keywords) &&
      !PyDict_GET_SIZE(keywords) && PyTuple_GET_SIZE(bound) + call->all <= MOST_BOUND) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bound); i++) {
      args[count++] = PyTuple_GET_ITEM(bound, i);
    }
    for (Py_ssize_t i = 0; i < call->all; i++) {
      args[count + i] = call->args[i];
    }
    access_call(function, args, count + call->positional, call->keyword_names);
  } else if (!function || (!PyFunction_Check(function) && !PyMethod_Check(function))) {
    call->name = "functools.partial";
    act_unknown(call);
  }
  Py_XDECREF(function);
  Py_XDECREF(bound);
  Py_XDECREF(keywords);
  PyErr_Clear();
}

static void call_other(PyObject *callable, struct call *call) {
  const char *type = Py_TYPE(callable)->tp_name;
  if (!strcmp(type, "functools.partial")) {
    call_partial(callable, call);
  } else if (!access_is_python(callable, SPECIAL_CALL) && !tells_itself(Py_TYPE(callable))) {
    call->name = type;
    act_unknown(call);
  }
}

static void dispatch(PyObject *callable, struct call *call) {
  const PyTypeObject *type = Py_TYPE(callable);
  if (type == &PyFunction_Type) {
    return; /* its own instructions are observed */
  }
  if (type == &PyMethod_Type) {
    PyObject *function = PyMethod_GET_FUNCTION(callable);
    if (!PyFunction_Check(function) && !access_is_python(function, SPECIAL_CALL)) {
      call->name = Py_TYPE(function)->tp_name;
      act_unknown(call);
    }
  } else if (PyCFunction_Check(callable)) {
    call_c_function((PyCFunctionObject *)callable, call);
  } else if (type == &PyMethodDescr_Type || type == &PyWrapperDescr_Type) {
    call_descriptor(callable, call);
  } else if (!strcmp(type->tp_name, "method-wrapper")) {
    call_method_wrapper(callable, call);
  } else if (PyType_Check(callable)) {
    call_type((PyTypeObject *)callable, call);
  } else {
    call_other(callable, call);
  }
}

void access_call(PyObject *callable, PyObject *const *args, Py_ssize_t positional, PyObject *keyword_names) {
  Py_ssize_t keywords = keyword_names && PyTuple_Check(keyword_names) ? PyTuple_GET_SIZE(keyword_names) : 0;
  struct call call = {.name = "?",
                      .args = args,
                      .positional = positional,
                      .all = positional + keywords,
                      .keyword_names = keyword_names};
  dispatch(callable, &call);
}

void access_call_dict(PyObject *callable, PyObject *args, PyObject *keywords) {
  access_drain(args);
  if (keywords) {
    access_whole(keywords, false);
  }
  if (PyFunction_Check(callable)) {
    return;
  }
  if (!PyTuple_CheckExact(args) || (keywords && (!PyDict_CheckExact(keywords) || PyDict_GET_SIZE(keywords)))) {
    bool python = PyMethod_Check(callable) || PyType_Check(callable) || access_is_python(callable, SPECIAL_CALL);
    if (!python) {
      access_unknown("a C function called with spread arguments");
    }
    return;
  }
  access_call(callable, ((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args), NULL);
}

void access_enter(PyObject *manager) {
  if (!access_is_python(manager, SPECIAL_ENTER) && !tells_itself(Py_TYPE(manager))) {
    access_content(manager, true);
  }
}
