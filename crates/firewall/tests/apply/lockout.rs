//! Over a real sshd: whoever shuts themselves out comes in again after the deadline.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use ruleset::Backend::IptablesNft;

use crate::guard::site;
use crate::site::{alone, eventually, has, lines, plan, read, run};

/// An sshd on loopback, and a client's key.
struct Login {
    folder: PathBuf,
    sshd: Child,
}

impl Drop for Login {
    fn drop(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

const PORT: &str = "2222";

impl Login {
    fn start(folder: &Path) -> Self {
        run("ip link set lo up");
        fs::create_dir_all("/run/sshd").unwrap();
        let path = |name: &str| folder.join(name).display().to_string();
        for key in ["host", "client"] {
            let words = ["-q", "-t", "ed25519", "-N", "", "-f"];
            assert!(Command::new("ssh-keygen").args(words).arg(path(key)).status().unwrap().success());
        }
        fs::copy(folder.join("client.pub"), folder.join("authorized")).unwrap();
        for name in ["authorized", "host", "client"] {
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let settings = format!(
            "Port {PORT}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPermitRootLogin yes\n\
             StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\n",
            path("host"),
            path("authorized")
        );
        fs::write(folder.join("sshd_config"), settings).unwrap();
        let sshd = Command::new("/usr/sbin/sshd")
            .args(["-D", "-e", "-f"])
            .arg(folder.join("sshd_config"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let login = Self { folder: folder.into(), sshd };
        eventually("a login", || login.can_log_in());
        login
    }

    fn ssh(&self, options: &[&str]) -> Command {
        let mut command = Command::new("ssh");
        let key = self.folder.join("client");
        command.arg("-i").arg(key).args(["-F", "none", "-p", PORT, "-o", "StrictHostKeyChecking=no"]);
        command.args(["-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=1", "-o", "BatchMode=yes"]);
        command.args(options).arg("root@127.0.0.1").stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn can_log_in(&self) -> bool {
        self.ssh(&[]).arg("true").stdout(Stdio::null()).status().unwrap().success()
    }

    /// The tool on the server, over ssh.
    fn tool(&self, options: &[&str], words: &str) -> Command {
        let program = env!("CARGO_BIN_EXE_deadstick-fw");
        let mut command = self.ssh(options);
        let (state, root) = (self.folder.join("state"), self.folder.join("root"));
        // Boot files are never those of the machine that runs the test.
        command.arg(format!("{program} --state-dir {} --root {} {words}", state.display(), root.display()));
        command
    }
}

fn write_plan(folder: &Path, text: &str) -> String {
    let mut made = plan(text);
    made.command = vec!["deny".into(), PORT.into()];
    made.made_for.digest = ruleset::plan::digest(&read().0);
    let path = folder.join("plan.json");
    fs::write(&path, serde_json::to_string(&made).unwrap()).unwrap();
    path.display().to_string()
}

/// Sessions go on, new ones don't: the classic way to lock oneself out without noticing.
const SHUT: &str = "ip filter INPUT insert 2 -p tcp -m tcp --dport 2222 -j DROP";

fn rules() {
    run("iptables-nft -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
    run("iptables-nft -A INPUT -p tcp -m tcp --dport 2222 -j ACCEPT");
}

#[test]
fn tool_session_and_terminal_die_and_one_logs_in_again() {
    alone(|| {
        if !has("sshd") || !has("ssh") || !has("tmux") {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        rules();
        let login = Login::start(folder.path());
        let before = lines(IptablesNft);
        let file = write_plan(folder.path(), SHUT);
        // In a tmux in the session, and the tool never ends by itself there.
        let socket = folder.path().join("tmux");
        let (program, state) = (env!("CARGO_BIN_EXE_deadstick-fw"), folder.path().join("state"));
        let tool =
            format!("{program} --state-dir {} apply --cut --yes --confirm-within 3 {file}", state.display());
        let inner = format!("{tool}; sleep 600");
        let mut session = login.ssh(&["-tt"]);
        session.arg(format!("tmux -S {} new-session '{inner}'", socket.display()));
        let mut session = session.stdout(Stdio::null()).process_group(0).spawn().unwrap();
        eventually("the lock-out", || !login.can_log_in());
        assert!(site(folder.path()).pending().is_some());
        // tmux, the session and whatever belongs to them go, by force.
        let _ = Command::new("tmux").arg("-S").arg(&socket).arg("kill-server").status();
        let group = Pid::from_raw(i32::try_from(session.id()).unwrap());
        killpg(group, Signal::SIGKILL).unwrap();
        session.wait().unwrap();
        for process in of_session(&login) {
            let _ = nix::sys::signal::kill(process, Signal::SIGKILL);
        }
        eventually("a login after the deadline", || login.can_log_in());
        eventually("the end of it", || site(folder.path()).pending().is_none());
        assert_eq!(lines(IptablesNft), before);
    });
}

/// The processes of sshd's sessions: its children.
fn of_session(login: &Login) -> Vec<Pid> {
    let children = format!("/proc/{0}/task/{0}/children", login.sshd.id());
    let text = fs::read_to_string(children).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).map(Pid::from_raw).collect()
}

#[test]
fn only_a_new_connection_confirms() {
    alone(|| {
        if !has("sshd") || !has("ssh") {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        rules();
        let login = Login::start(folder.path());
        let control = format!("ControlPath={}", folder.path().join("control").display());
        let shared = ["-o", control.as_str()];
        let mut master = login.ssh(&["-o", &control, "-M", "-N"]).spawn().unwrap();
        eventually("the master", || folder.path().join("control").exists());
        let file = write_plan(folder.path(), "ip filter INPUT insert 3 -s 10.0.0.7/32 -j ACCEPT");
        let applied = login.tool(&shared, &format!("--json apply {file}")).output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&applied.stdout).unwrap();
        assert!(answer["confirm_within"].as_u64().is_some_and(|left| (50..=60).contains(&left)), "{answer}");
        // The same connection proves nothing, neither does a second session in it.
        let refused = login.tool(&shared, "confirm").status().unwrap();
        assert_eq!(refused.code(), Some(3));
        assert!(site(folder.path()).pending().is_some());
        let confirmed = login.tool(&["-o", "ControlPath=none"], "confirm").status().unwrap();
        assert_eq!(confirmed.code(), Some(0));
        assert!(site(folder.path()).pending().is_none());
        assert_eq!(lines(IptablesNft).len(), 3);
        master.kill().unwrap();
        master.wait().unwrap();
    });
}
