/* A descriptor, a bound method and a function each have a pointer to their PyMethodDef, a static variable of the
 * interpreter's that can be written, and look up what to call in it at each call. So it is enough to write there,
 * whatever has been imported, bound or kept by anyone. */
#include "python/python.h"

#include "python/embed.h"
#include "python/real_sync.h"
#include "python/real_sync_parts.h"

static const struct real_sync_owner *const all[] = {real_sync_objects, real_sync_threads};

static PyMethodDef *definition_of(PyObject *function) {
  if (Py_IS_TYPE(function, &PyMethodDescr_Type)) {
    return ((PyMethodDescrObject *)function)->d_method;
  }
  return PyCFunction_Check(function) ? ((PyCFunctionObject *)function)->m_ml : NULL;
}

static bool unknown(struct err *err, const struct real_sync_owner *owner, const char *name, const char *why) {
  return err_set(err, ERR_HARNESS,
                 "cannot watch what orders threads on CPython %s: %s%s%s.%s %s; use a release of CPython 3.9 to 3.13",
                 PY_VERSION, owner->module, owner->type ? "." : "", owner->type ? owner->type : "", name, why);
}

static bool check(const struct real_sync_owner *owner, const struct real_sync_patch *patch, const PyMethodDef *found,
                  struct err *err) {
  if (!found) {
    return unknown(err, owner, patch->name, "is not a C function");
  }
  if (found->ml_flags != patch->flags) {
    return unknown(err, owner, patch->name, "takes its arguments in another way than is known");
  }
  if (*patch->original && *patch->original != found->ml_meth) {
    return unknown(err, owner, patch->name, "is no longer another name of one function");
  }
  *patch->original = found->ml_meth;
  return true;
}

/* Checks, or, once all is checked, replaces. */
static bool visit(const struct real_sync_owner *owner, PyObject *where, bool replace, struct err *err) {
  for (const struct real_sync_patch *patch = owner->patches; patch->name; patch++) {
    PyObject *function = PyObject_GetAttrString(where, patch->name);
    if (!function) {
      return embed_error(err, ERR_HARNESS, "cannot watch what orders threads");
    }
    PyMethodDef *found = definition_of(function);
    Py_DECREF(function); /* its owner has it */
    if (!replace && !check(owner, patch, found, err)) {
      return false;
    }
    if (replace && patch->ours) {
      found->ml_meth = patch->ours;
    }
  }
  if (owner->type && replace) {
    *owner->original_dealloc = ((PyTypeObject *)where)->tp_dealloc;
    ((PyTypeObject *)where)->tp_dealloc = owner->dealloc;
  }
  return true;
}

static bool find_and_visit(const struct real_sync_owner *owner, bool replace, struct err *err) {
  PyObject *where = PyImport_ImportModule(owner->module);
  if (!where && owner->optional && PyErr_ExceptionMatches(PyExc_ImportError)) {
    PyErr_Clear();
    return true;
  }
  if (where && owner->type) {
    PyObject *module = where;
    where = PyObject_GetAttrString(module, owner->type);
    Py_DECREF(module);
  }
  if (!where) {
    return embed_error(err, ERR_HARNESS, "cannot watch what orders threads");
  }
  bool ok = visit(owner, where, replace, err);
  Py_DECREF(where);
  return ok;
}

bool real_sync_install(struct err *err) {
  static bool installed;
  for (int replace = 0; replace < 2 && !installed; replace++) {
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
      for (const struct real_sync_owner *owner = all[i]; owner->module; owner++) {
        if (!find_and_visit(owner, replace, err)) {
          return false;
        }
      }
    }
  }
  installed = true;
  return true;
}
