"""relcli from Python: a warehouse to read, and the jobs as functions.

    import relcli

    w = relcli.open("warehouse/relcli.duckdb")
    w.view("raw_vs_masked").df()
    w.figure("shift", run="plain")
    w.question("plain", 12, 3).attention("raw").shape

Like the commands and the terminal application it only asks jobs and reads.
"""
