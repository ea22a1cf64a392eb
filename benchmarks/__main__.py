"""`make bench`: every benchmark, one after another."""

from benchmarks import procedure, recovery

if __name__ == "__main__":
    procedure.main()
    recovery.main()
