# C types of order.py. Without them it is the same module in plain Python.


cdef object ACTIVE, BUY


cdef class Order:
    cdef object _id
    cdef dict _vars
    cdef readonly object exchange
    cdef readonly object symbol
    cdef readonly object side
    cdef readonly object type
    cdef readonly object submitted_via
    cdef public object status
    cdef readonly object created_at
    cdef readonly object executed_at
    cdef readonly object canceled_at
    cdef readonly object trade
    cdef readonly bint reduce_only
    cdef readonly double qty
    cdef readonly double filled_qty
    cdef readonly double price
    cdef readonly double fee
    cdef readonly double reserved

    cpdef double left(self)


cdef class Fill:
    cdef readonly Order order
    cdef readonly double price
    cdef readonly double qty
    cdef readonly double fee
    cdef readonly double time
