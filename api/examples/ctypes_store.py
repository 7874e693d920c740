#!/usr/bin/env python3
"""The shared library from Python, with nothing but the standard library.

usage: ctypes_store.py [path of libtrimaran.so]
"""

import ctypes
import ctypes.util
import sys
from ctypes import (POINTER, byref, c_bool, c_char_p, c_int32, c_size_t,
                    c_uint64, c_void_p)

DEFAULT_FAMILY = 1


class TrimaranError(Exception):
    """`outcome`: 1, the write was not done; 2, it may be done yet."""

    def __init__(self, message, code, outcome):
        super().__init__(message)
        self.code = code
        self.outcome = outcome


class Library:
    """The functions that are used here, with their types: without these, a
    pointer would be cut to 32 bits."""

    def __init__(self, path):
        self._library = ctypes.CDLL(path)
        bytes_in = [c_char_p, c_size_t]
        error = POINTER(c_void_p)
        self.declare("trimaran_error_free", None, c_void_p)
        self.declare("trimaran_error_message", c_char_p, c_void_p)
        self.declare("trimaran_error_outcome", c_int32, c_void_p)
        self.declare("trimaran_free", None, c_void_p)
        self.declare("trimaran_version", c_char_p)
        self.declare("trimaran_open", c_int32, c_void_p, c_char_p,
                     POINTER(c_void_p), error)
        self.declare("trimaran_db_free", None, c_void_p)
        self.declare("trimaran_put", c_int32, c_void_p, c_uint64, *bytes_in,
                     *bytes_in, c_void_p, c_void_p, error)
        self.declare("trimaran_get", c_int32, c_void_p, c_uint64, *bytes_in,
                     c_void_p, POINTER(c_void_p), POINTER(c_size_t), error)
        self.declare("trimaran_range_prefix", c_void_p, *bytes_in)
        self.declare("trimaran_range_free", None, c_void_p)
        self.declare("trimaran_scan", c_int32, c_void_p, c_void_p, c_void_p,
                     POINTER(c_void_p), error)
        self.declare("trimaran_iterator_free", None, c_void_p)
        self.declare("trimaran_iterator_valid", c_bool, c_void_p)
        self.declare("trimaran_iterator_next", None, c_void_p)
        for name in ("key", "value"):
            self.declare(f"trimaran_iterator_{name}", c_void_p, c_void_p,
                         POINTER(c_size_t))
        self.declare("trimaran_iterator_status", c_int32, c_void_p, error)

    def declare(self, name, result, *arguments):
        function = getattr(self._library, name)
        function.restype = result
        function.argtypes = arguments
        setattr(self, name[len("trimaran_"):], function)

    def call(self, function, *arguments):
        """Raises what the call returns as an error."""
        error = c_void_p()
        code = function(*arguments, byref(error))
        if code != 0:
            raised = TrimaranError(self.error_message(error).decode(), code,
                                   self.error_outcome(error))
            self.error_free(error)
            raise raised


class Store:

    def __init__(self, library, directory):
        self._library = library
        self._db = c_void_p()
        library.call(library.open, None, directory.encode(), byref(self._db))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._library.db_free(self._db)

    def __setitem__(self, key, value):
        self._library.call(self._library.put, self._db, DEFAULT_FAMILY, key,
                           len(key), value, len(value), None, None)

    def __getitem__(self, key):
        value, size = c_void_p(), c_size_t()
        self._library.call(self._library.get, self._db, DEFAULT_FAMILY, key,
                           len(key), None, byref(value), byref(size))
        if not value:
            raise KeyError(key)
        try:
            return ctypes.string_at(value, size.value)
        finally:
            self._library.free(value)

    def rows(self, prefix=b""):
        library, rows = self._library, c_void_p()
        wanted = library.range_prefix(prefix, len(prefix))
        try:
            library.call(library.scan, self._db, wanted, None, byref(rows))
            while library.iterator_valid(rows):
                size = c_size_t()
                key = library.iterator_key(rows, byref(size))
                key = ctypes.string_at(key, size.value)
                value = library.iterator_value(rows, byref(size))
                yield key, ctypes.string_at(value, size.value)
                library.iterator_next(rows)
            library.call(library.iterator_status, rows)
        finally:
            library.iterator_free(rows)
            library.range_free(wanted)


def main():
    library = Library(sys.argv[1] if len(sys.argv) > 1
                      else ctypes.util.find_library("trimaran"))
    print("trimaran", library.version().decode())
    with Store(library, "store.db") as store:
        store[b"fruit/apple"] = b"7"
        store[b"fruit/\0pear"] = b""
        for key, value in store.rows(b"fruit/"):
            print(key, value)
        try:
            store[b""] = b"no key"
        except TrimaranError as error:
            print("refused:", error)
            assert error.outcome == 1
    # What was written is there when it is opened again.
    with Store(library, "store.db") as store:
        assert store[b"fruit/apple"] == b"7"
        assert list(store.rows()) == [(b"fruit/\0pear", b""),
                                      (b"fruit/apple", b"7")]


if __name__ == "__main__":
    main()
