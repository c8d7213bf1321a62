"""Finding the highest rate that holds, and saying what stood in the way of a higher one."""

GENERATOR_FULL = 0.90   # of a core: it has one thread, and asks late itself beyond that
ONE_CORE_FULL = 0.90    # the writer, a child and a worker of nginx have one thread each
MACHINE_FULL = 0.90     # of all cores together
OTHERS_NOTED = 0.15     # of all cores, by what is not ours
COMMITTING = 0.80       # of the time that passed
KNEE_TIMES = 3.0
KNEE_LEAST_MS = 5.0     # below it a p99 is noise


def sustainable_rate(holds, start, least, most, growth, precision):
    """(the highest rate for which holds(rate) was true, or 0; the lowest above it that did not, or None).

    From `start` by steps of `growth` up while it holds (to `most`), or down until it does (to `least`), then
    halving between the two until they are within `precision` (0.05: 5 %)."""
    good, bad = 0, None
    rate = start
    while good == 0 or bad is None:
        if holds(rate):
            good = rate
            if rate >= most:
                break
            rate = min(rate * growth, most)
        else:
            bad = rate
            if rate <= least:
                break
            rate = max(rate / growth, least)
    while good and bad and bad / good - 1 > precision:
        middle = (good * bad) ** 0.5
        if holds(middle):
            good = middle
        else:
            bad = middle
    return good, bad


def knee(steps):
    """The highest rate that held whose p99 is still like that of the lowest one; None where nothing held."""
    held = sorted((step for step in steps if step["held"]), key=lambda step: step["rate"])
    if not held:
        return None
    limit = max(KNEE_LEAST_MS, KNEE_TIMES * held[0]["p99_ms"])
    found = held[0]["rate"]
    for step in held:
        if step["p99_ms"] > limit:
            break
        found = step["rate"]
    return found


def ran_out(step, cores):
    """[sentence], the likeliest first, of what had no more to give in a step. Empty: nothing that was measured."""
    found = []
    used, busiest, wall = step["cores"], step["busiest"], step["wall_s"]
    machine = step["machine_s"]
    stolen = machine["steal"] / wall
    busy = sum(machine[name] for name in ("user", "nice", "system", "irq", "softirq")) / wall
    if busiest["generator"] >= GENERATOR_FULL:
        found.append("the generator, which has one thread: this machine carries more than it can ask")
    for kind in ("writer", "api", "nginx"):
        if busiest[kind] >= ONE_CORE_FULL:
            found.append(f"CPU of {kind}: one process of it used {busiest[kind]:.2f} of a core")
    if busy + stolen >= MACHINE_FULL * cores:
        found.append(f"CPU of the machine: of {cores} cores {busy:.2f} were busy ("
                     + ", ".join(f"{kind} {cpu:.2f}" for kind, cpu in used.items()) + ")")
        others = busy - sum(used.values()) + stolen
        if others >= OTHERS_NOTED * cores:
            found.append(f"other programs, the kernel and other machines took {others:.2f} cores of it: "
                         "alone it carries more")
    committing = step["writer"]["commit_s"] / wall
    if committing >= COMMITTING and busiest["writer"] < committing / 2:
        found.append(f"the disk: the writer was in commits for {committing:.0%} of the time, "
                     f"and used {busiest['writer']:.2f} of a core")
    if any(name in step["failures"] for name in ("503", "connect")):
        found.append(f"a queue: refused were {step['failures']}; see request_budget_ms, "
                     "pending_writes_per_child and connections_per_child")
    return found
