"""Asks ufw itself whether it accepts commands: one JSON list of words a line in, 0 or 1 a line out.

Runs in network and mount namespaces of its own, on copies of ufw's configuration, with --dry-run.
"""
import json, os, runpy, subprocess, sys, traceback

copies = sys.argv[1]
subprocess.run(["mount", "--make-rprivate", "/"], check=True)
subprocess.run(["mount", "--bind", copies + "/etc-ufw", "/etc/ufw"], check=True)
subprocess.run(["mount", "--bind", copies + "/default-ufw", "/etc/default/ufw"], check=True)
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
answers = os.fdopen(os.dup(1), "w")
os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
for line in sys.stdin:
    sys.argv = ["/usr/sbin/ufw", "--dry-run"] + json.loads(line)
    status = 0
    try:
        runpy.run_path("/usr/sbin/ufw", run_name="__main__")
    except SystemExit as end:
        status = 1 if end.code else 0
    except Exception:
        traceback.print_exc()
        status = 1
    print(status, file=answers, flush=True)
