// Nothing to call: the library takes the place of the C library's wall clock in processes that it is loaded into first.
