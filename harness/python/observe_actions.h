/* What C functions do to shared state, by their names: tables, and each definition looked up once. */
#ifndef FF_PYTHON_OBSERVE_ACTIONS_H
#define FF_PYTHON_OBSERVE_ACTIONS_H

#include "python/python.h"

#include <stdbool.h>

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

enum action action_of_function(const PyCFunctionObject *function);              /* of a module */
enum action action_of_bound(const PyMethodDef *definition, PyTypeObject *type); /* of an object of that type */
enum action action_of_method(const void *definition, PyTypeObject *type, const char *name); /* that the type defines */

/* Objects of the type tell what they do themselves: the harness's own, and what stands for _thread's. */
bool action_tells_itself(const PyTypeObject *type);

#endif
