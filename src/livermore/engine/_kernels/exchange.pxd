# C types of exchange.py. Without them it is the same module in plain Python.

cimport cython
from livermore.engine._kernels.book cimport OrderBook, Path, first_touched, gap_fills, new_path
from livermore.engine._kernels.position cimport Account, Position
from livermore.trading._kernels.orders cimport ClosedTrade, Fill, Order, new_fill, new_order


cdef double NEAR, NAN, INFINITY
cdef Py_ssize_t OPEN, CLOSE, HIGH, LOW, VOLUME
cdef object ACTIVE, CANCELED, EXECUTED, MARKET, LIMIT, STOP, BUY, SELL, TAKE_PROFIT


cpdef bint is_near(double price, double current_price)


cpdef bint is_finite(double number)


cdef class Broker:
    cdef object _market
    cdef object _clock
    cdef list _queue
    cdef Position _position
    cdef OrderBook _book
    cdef Account _account

    @cython.locals(shown=double, above=bint)
    cpdef Order enter(self, object side, double qty, double price)
    @cython.locals(shown=double, above=bint, held=double)
    cpdef Order exit(self, double qty, double price, object via)
    @cython.locals(entry=double, held=double, long=bint, wrong=bint)
    cpdef Order exit_at_opening(self, double qty, double price, object via)
    @cython.locals(order=Order)
    cpdef Order close_at(self, double price)
    cpdef cancel(self, Order order)
    @cython.locals(order=Order)
    cpdef cancel_all(self)
    @cython.locals(order=Order)
    cpdef cancel_exits(self, object via)
    @cython.locals(order=Order)
    cpdef cancel_entries(self, object side)
    @cython.locals(order=Order)
    cdef Order _submit(self, object side, object kind, double qty, double price, object via)


cdef double _known(object price, object symbol) except? -1


cdef _check(double qty, double price)


cdef class Venue:
    cdef object market
    cdef object runner
    cdef Position position
    cdef OrderBook book
    cdef Broker broker
    cdef object _minutes
    cdef Py_ssize_t first
    cdef const double[:, ::1] rows

    cdef refresh(self)


cdef class Exchange:
    cdef public list queue
    cdef public list trades
    cdef object _clock
    cdef dict _markets
    cdef Account _account
    cdef bint _liquidates
    cdef dict _venues
    cdef list _traded

    @cython.locals(venue=Venue, position=Position, before=double, after=double, turned=bint, fill=Fill)
    cpdef execute(self, Order order)
    cpdef drain_queue(self)
    @cython.locals(venue=Venue, book=OrderBook, found=Py_ssize_t, touch=Py_ssize_t)
    cpdef Py_ssize_t next_touch(self, Py_ssize_t first, Py_ssize_t last) except? -2
    @cython.locals(venue=Venue)
    cpdef match_minute(self, Py_ssize_t event)
    @cython.locals(venue=Venue)
    cpdef drop_done(self)
    @cython.locals(qty=double, fee=double)
    cdef Fill _fill(self, Order order, Position position)
    @cython.locals(liquidation=double)
    cdef _find_bounds(self, Venue venue)
    @cython.locals(cursor=Py_ssize_t, previous_close=double, path=Path, until=Path, book=OrderBook, order=Order, rows="const double[:, ::1]")
    cdef _match(self, Venue venue)
    @cython.locals(order=Order)
    cdef _fill_gap(self, Venue venue, Py_ssize_t cursor, double previous_close, double opening)
    @cython.locals(price=double, inside=bint, low=double, high=double, opening=double, order=Order)
    cdef _liquidate(self, Venue venue, Py_ssize_t cursor, double previous_close)


cdef _show(Venue venue, Py_ssize_t cursor, Path until, double volume)
