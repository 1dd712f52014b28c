# C types of order.py. Without them it is the same module in plain Python.


cdef object ACTIVE, BUY


cdef class Order:
    cdef object _id
    cdef dict _vars
    cdef public object exchange
    cdef public object symbol
    cdef public object side
    cdef public object type
    cdef public object submitted_via
    cdef public object status
    cdef public object created_at
    cdef public object executed_at
    cdef public object canceled_at
    cdef public object trade
    cdef public bint reduce_only
    cdef public double qty
    cdef public double filled_qty
    cdef public double price
    cdef public double fee
    cdef public double reserved


cdef class Fill:
    cdef readonly Order order
    cdef readonly double price
    cdef readonly double qty
    cdef readonly double fee
    cdef readonly double time
