//! Private files: what is changed inside the playground stays inside.

use std::fs;
use std::io;
use std::path::Path;

use nix::mount::{MsFlags, mount};

use super::error::PlaygroundError;

/// Folders of which the inside gets a copy: firewall settings that boot.
const COPIED: [&str; 6] =
    ["/etc/ufw", "/etc/default", "/etc/iptables", "/etc/firewalld", "/var/lib/ufw", "/var/lib/deadstick-fw"];

/// Hides /run and /proc of the machine, and puts copies over its firewall settings. Only in a mount namespace of one's own.
pub fn make_private() -> Result<(), PlaygroundError> {
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
        .map_err(PlaygroundError::Namespaces)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("proc"), "/proc", Some("proc"), flags | MsFlags::MS_NOEXEC, none)
        .map_err(PlaygroundError::Namespaces)?;
    mount(Some("sysfs"), "/sys", Some("sysfs"), flags | MsFlags::MS_NOEXEC, none)
        .map_err(PlaygroundError::Namespaces)?;
    mount(Some("tmpfs"), "/run", Some("tmpfs"), flags, Some("mode=0755"))
        .map_err(PlaygroundError::Namespaces)?;
    for folder in COPIED {
        let folder = Path::new(folder);
        if !folder.is_dir() {
            continue;
        }
        let copy = Path::new("/run/playground").join(folder.strip_prefix("/").unwrap_or(folder));
        let failed = |error| PlaygroundError::Private(folder.display().to_string(), error);
        copy_folder(folder, &copy).map_err(failed)?;
        mount(Some(&copy), folder, none, MsFlags::MS_BIND, none).map_err(|errno| failed(errno.into()))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_folder(&source, &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}
