"""Linux boards: a function or a command in a child process under the board's caps (`edge.EdgeDevice`).

edge ─ caps, cgroups, skew, card, work      what is asked, what can be held here, refusals
  └─ launch ─ supervisor ─ start, watch, tree, throttle      a process of its own: starts, watches, ends the tree
       └─ the workload: a command, or `runner` with one function
result, report, latency      what is said of it afterwards
"""
