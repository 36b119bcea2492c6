"""The environment of a process whose products take one thread.

Several processes of many BLAS threads each wait for one another: what takes seconds alone then takes minutes.
"""

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
