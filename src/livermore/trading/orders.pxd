# C types of orders.py. Without them it is the same module in plain Python.

cimport cython


cdef double NAN
cdef Py_ssize_t FEWEST_PAIRWISE
cdef object ACTIVE, BUY, SELL, LONG, SHORT


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
    cdef public ClosedTrade trade
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


cdef class ClosedTrade:
    cdef object _id
    cdef object _summed_type
    cdef Py_ssize_t _summed
    cdef double _entry_price
    cdef double _exit_price
    cdef double _qty
    cdef double _fee
    cdef public object strategy_name
    cdef public object exchange
    cdef public object symbol
    cdef public object timeframe
    cdef public object leverage
    cdef public object type
    cdef public object opened_at
    cdef public object closed_at
    cdef public list orders

    @cython.locals(order=Order, entry=list, exit=list, qty=double)
    cdef int _sum_up(self) except -1


@cython.locals(qty=double, price=double, order=Order)
cpdef Order new_order(object exchange, object symbol, object side, object type, double qty, double price, object submitted_via, object created_at)


@cython.locals(fill=Fill)
cpdef Fill new_fill(Order order, double price, double qty, double fee, double time)


@cython.locals(worth=double, total=double, qty=double, price=double)
cdef double _mean_price(list fills) except? -1
