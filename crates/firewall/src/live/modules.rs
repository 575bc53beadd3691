//! Kernel modules: asking the kernel may load one, and reading must change nothing.

use std::fs;
use std::path::Path;

/// Can this part of the kernel be asked without loading a module? Names as in /proc/modules: `nf_conntrack_netlink`.
///
/// In doubt `false`: then a reader that needs no module is used, or the gap is named.
pub fn is_present(name: &str) -> bool {
    if !Path::new("/proc/modules").exists() || Path::new("/sys/module").join(name).exists() {
        return true;
    }
    if fs::read_to_string("/proc/sys/kernel/modules_disabled").is_ok_and(|text| text.trim() == "1") {
        return true;
    }
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let file = Path::new("/lib/modules").join(release.trim()).join("modules.builtin");
    fs::read_to_string(file).is_ok_and(|text| is_built_in(&text, name))
}

/// Lines are paths such as `kernel/net/ipv4/tcp_diag.ko`; `-` and `_` are the same.
fn is_built_in(list: &str, name: &str) -> bool {
    let files = list.lines().filter_map(|line| line.rsplit('/').next()?.strip_suffix(".ko"));
    files.map(|file| file.replace('-', "_")).any(|file| file == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_modules_are_found_by_their_whole_name() {
        let list = "kernel/net/ipv4/tcp_diag.ko\nkernel/fs/binfmt-script.ko\n";
        assert!(is_built_in(list, "tcp_diag"));
        assert!(is_built_in(list, "binfmt_script"));
        assert!(!is_built_in(list, "diag"));
    }
}
