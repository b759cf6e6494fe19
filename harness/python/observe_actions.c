#include "python/python.h"

#include "python/observe_actions.h"

#include <stdint.h>
#include <string.h>

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

bool action_tells_itself(const PyTypeObject *type) {
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
  if (action_tells_itself(type)) {
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

enum action action_of_method(const void *definition, PyTypeObject *type, const char *name) {
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

enum action action_of_bound(const PyMethodDef *definition, PyTypeObject *type) {
  bool fresh;
  enum action *action = remember(definition, type, &fresh);
  if (fresh) {
    *action = method_action(definer_of(definition, type), definition->ml_name);
  }
  return *action;
}

enum action action_of_function(const PyCFunctionObject *function) {
  bool fresh;
  enum action *action = remember(function->m_ml, NULL, &fresh);
  if (fresh) {
    *action = function_action(function->m_module, function->m_ml->ml_name);
  }
  return *action;
}
