//! Who is at the other end of a control connection, and what that caller may do.
//!
//! Identity is SO_PEERCRED, read once at accept: who opened the connection, whoever holds it later.
//! The pid in it is for the audit line only. Supplementary groups are not part of it; they are
//! looked up in `/etc/group` and `/etc/passwd` themselves, with a bound and without the name
//! service, because a directory server that hangs must not hang the control socket. So members that
//! exist only in LDAP or the like must be added to the local group (or use `sudo`).

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use emqx_shared::{ErrorCode, Failure, Role};
use nix::unistd::geteuid;
use tokio::net::unix::UCred;

/// Most bytes of `/etc/passwd` or `/etc/group` that are looked at.
const DATABASE_BYTES_MAX: u64 = 1024 * 1024;

/// What the kernel shows for a uid that has no meaning in our user namespace.
const OVERFLOW_UID: u32 = 65_534;

/// A caller that has a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) pid: Option<i32>,
    pub(crate) role: Role,
    /// Of this connection; no other has had it.
    pub(crate) connection: u64,
}

/// The rules by which roles are given, and where groups are looked up.
#[derive(Debug, Clone)]
pub(crate) struct AccessPolicy {
    /// The daemon's own uid: always admin, like root.
    pub(crate) own_uid: u32,
    /// Members may use every verb. `emqx-admin` unless configured otherwise.
    pub(crate) admin_group: String,
    /// Members may look. `emqx` unless configured otherwise.
    pub(crate) read_group: String,
    pub(crate) passwd_file: PathBuf,
    pub(crate) group_file: PathBuf,
}

impl Default for AccessPolicy {
    fn default() -> Self {
        Self {
            own_uid: geteuid().as_raw(),
            admin_group: "emqx-admin".to_owned(),
            read_group: "emqx".to_owned(),
            passwd_file: PathBuf::from("/etc/passwd"),
            group_file: PathBuf::from("/etc/group"),
        }
    }
}

impl Peer {
    /// A caller of another node, which vouches for it. No connection of this node's is its own.
    pub(crate) fn of_another_node(uid: u32, role: Role) -> Self {
        Self {
            uid,
            gid: uid,
            pid: None,
            role,
            connection: next_connection(),
        }
    }
}

fn next_connection() -> u64 {
    static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
    CONNECTIONS.fetch_add(1, Ordering::Relaxed)
}

impl AccessPolicy {
    /// Gives the caller its role. Reads two local files unless the uid alone decides.
    ///
    /// # Errors
    /// What to tell a caller without a role.
    pub(crate) fn admit(&self, caller: UCred) -> Result<Peer, Failure> {
        let (uid, gid) = (caller.uid(), caller.gid());
        let pid = caller.pid();
        let role = self.role_of(uid, gid).map_err(|error| {
            Failure::new(ErrorCode::Io, format!("the groups of uid {uid} cannot be looked up"))
                .why(error.to_string())
                .next("use sudo")
        })?;
        let role = role.ok_or_else(|| self.refusal(uid, sees_all_users()))?;
        Ok(Peer {
            uid,
            gid,
            pid,
            role,
            connection: next_connection(),
        })
    }

    /// The group to which the control socket is to belong; `None` if there is no such group here.
    pub(crate) fn socket_group(&self) -> Option<u32> {
        let groups = read_bounded(&self.group_file).ok()?;
        find_group(&groups, &self.read_group).map(|group| group.gid)
    }

    /// # Errors
    /// When a file cannot be read: nobody is given a role on a guess.
    fn role_of(&self, uid: u32, gid: u32) -> io::Result<Option<Role>> {
        if uid == 0 || uid == self.own_uid {
            return Ok(Some(Role::Admin));
        }
        // Everybody from a foreign user namespace looks the same: no group may vouch for them.
        if uid == OVERFLOW_UID {
            return Ok(None);
        }
        let groups = read_bounded(&self.group_file)?;
        let users = read_bounded(&self.passwd_file)?;
        let is_member = |name: &str| is_member(&users, &groups, name, uid, gid);
        Ok(if is_member(&self.admin_group) {
            Some(Role::Admin)
        } else if is_member(&self.read_group) {
            Some(Role::ReadOnly)
        } else {
            None
        })
    }

    /// Where all users can be told apart, 65534 is simply the user `nobody`.
    fn refusal(&self, uid: u32, sees_all_users: bool) -> Failure {
        let (read, admin) = (&self.read_group, &self.admin_group);
        let failure = Failure::new(
            ErrorCode::PermissionDenied,
            format!("uid {uid} may not use the control socket"),
        );
        if uid == OVERFLOW_UID && !sees_all_users {
            return failure
                .why("the caller's user has no meaning in the daemon's user namespace")
                .next("run emqx-ctl outside the container, or the unit without PrivateUsers=yes");
        }
        failure
            .why(format!("it is in neither of the groups {read} and {admin}"))
            .next("use sudo")
            .next(format!(
                "or `sudo usermod -aG {read} <user>` to look, and -aG {admin} to change"
            ))
    }
}

/// Whether this process sees the uids of all users; with `PrivateUsers=yes` it sees only its own
/// and root's, and every other caller looks like 65534.
pub(crate) fn sees_all_users() -> bool {
    let map = read_bounded(Path::new("/proc/self/uid_map")).unwrap_or_default();
    // Without the file there are no user namespaces.
    map.is_empty() || maps_everything(&map)
}

fn maps_everything(uid_map: &str) -> bool {
    uid_map.split_whitespace().eq(["0", "0", "4294967295"])
}

fn read_bounded(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(DATABASE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

struct Group<'a> {
    gid: u32,
    members: &'a str,
}

/// `name:password:gid:member,member`
fn find_group<'a>(groups: &'a str, name: &str) -> Option<Group<'a>> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let gid = fields.nth(1)?.parse().ok()?;
        let members = fields.next().unwrap_or_default();
        Some(Group { gid, members })
    })
}

/// `name:password:uid:gid:…`: the names and primary groups of a uid, which may be several.
fn users_with(users: &str, uid: u32) -> impl Iterator<Item = (&str, u32)> {
    users.lines().filter_map(move |line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        let its_uid: u32 = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        (its_uid == uid).then_some((name, gid))
    })
}

fn is_member(users: &str, groups: &str, name: &str, uid: u32, gid: u32) -> bool {
    let Some(group) = find_group(groups, name) else {
        return false;
    };
    group.gid == gid
        || users_with(users, uid)
            .any(|(user, primary)| primary == group.gid || group.members.split(',').any(|member| member == user))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0::/root:/bin/sh\nli:x:1000:1000::/home/li:/bin/sh\n\
        wang:x:1001:1001::/:/bin/sh\nprimary:x:1002:900::/:/bin/sh\nbroken:x:nine\n:x:1003:0::\n";
    const GROUPS: &str = "root:x:0:\nemqx:x:900:li,wang\nemqx-admin:x:901:wang\nodd:x\n";

    fn policy(folder: &tempfile::TempDir) -> AccessPolicy {
        let passwd_file = folder.path().join("passwd");
        let group_file = folder.path().join("group");
        std::fs::write(&passwd_file, USERS).unwrap();
        std::fs::write(&group_file, GROUPS).unwrap();
        AccessPolicy {
            own_uid: 990,
            passwd_file,
            group_file,
            ..AccessPolicy::default()
        }
    }

    #[test]
    fn the_uid_or_a_group_gives_the_role() {
        let folder = tempfile::tempdir().unwrap();
        let policy = policy(&folder);
        for (uid, gid, role) in [
            (0, 0, Some(Role::Admin)),
            (990, 900, Some(Role::Admin)),
            (1001, 1001, Some(Role::Admin)),
            (1000, 1000, Some(Role::ReadOnly)),
            (1002, 900, Some(Role::ReadOnly)),
            (1002, 100, Some(Role::ReadOnly)),
            (4711, 900, Some(Role::ReadOnly)),
            (4711, 901, Some(Role::Admin)),
            (4711, 4711, None),
            (1003, 1003, None),
            (65_534, 901, None),
        ] {
            assert_eq!(policy.role_of(uid, gid).unwrap(), role, "uid {uid} gid {gid}");
        }
    }

    #[test]
    fn without_the_group_file_only_root_and_ourselves_remain() {
        let folder = tempfile::tempdir().unwrap();
        let mut policy = policy(&folder);
        policy.group_file = folder.path().join("missing");
        assert_eq!(policy.role_of(0, 0).unwrap(), Some(Role::Admin));
        assert_eq!(policy.role_of(990, 900).unwrap(), Some(Role::Admin));
        assert!(policy.role_of(1001, 1001).is_err());
        assert_eq!(policy.socket_group(), None);
    }

    #[test]
    fn the_socket_belongs_to_the_readers_group() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(policy(&folder).socket_group(), Some(900));
    }

    #[test]
    fn a_refusal_names_the_groups_that_would_help() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = policy(&folder).refusal(4711, true);
        assert_eq!(refusal.code, ErrorCode::PermissionDenied);
        assert!(refusal.next.iter().any(|step| step.contains("emqx-admin")));
    }

    #[test]
    fn only_a_daemon_in_a_user_namespace_blames_the_namespace() {
        let folder = tempfile::tempdir().unwrap();
        let blames = |sees_all_users| {
            let refusal = policy(&folder).refusal(OVERFLOW_UID, sees_all_users);
            refusal.next.iter().any(|step| step.contains("PrivateUsers"))
        };
        assert!(blames(false));
        assert!(!blames(true), "here it is the user nobody");
    }

    #[test]
    fn a_private_user_namespace_is_recognised() {
        assert!(maps_everything("         0          0 4294967295\n"));
        assert!(!maps_everything("         0          0          1\n 990 990 1\n"));
    }
}
