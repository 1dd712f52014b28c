# What laying.py asks the processor.

cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__GNUC__)
    static int livermore_wide(void) {
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    }
    #else
    static int livermore_wide(void) { return 0; }
    #endif
    """
    int wide "livermore_wide" () noexcept nogil
