//! `MARK`, `CONNMARK`: marks that are set, saved, restored.

use crate::iptables::given::{Entry, Options};
use crate::iptables::value;
use crate::{Action, Ends};

use super::Target;

pub(super) const MARK: Target = Target {
    options: &["--set-xmark", "--set-mark", "--and-mark", "--or-mark", "--xor-mark"],
    read: |_, options, _| {
        let (value, mask) = set(&only(options)?)?;
        Some(Action::SetMark { value, mask })
    },
    ends: Ends::Unknown,
};

pub(super) const CONNMARK: Target = Target {
    options: &[
        "--set-xmark",
        "--set-mark",
        "--and-mark",
        "--or-mark",
        "--xor-mark",
        "--save-mark",
        "--restore-mark",
        "--ctmask",
        "--nfmask",
        "--mask",
        "--left-shift-mark",
        "--right-shift-mark",
    ],
    read: |_, options, _| connmark(options),
    ends: Ends::Unknown,
};

fn only<'r, 'a>(options: Options<'r, 'a>) -> Option<Entry<'r, 'a>> {
    let mut all = options.iter();
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// Value (xor) and mask (cleared before) of the ways to set a mark.
fn set(option: &Entry<'_, '_>) -> Option<(u32, u32)> {
    let text = option.value().filter(|_| !option.negated)?;
    let number = || u32::try_from(value::number(text)?).ok();
    match option.name {
        "--set-xmark" => value::mark(text),
        "--set-mark" => {
            let (value, mask) = value::mark(text)?;
            Some((value, value | mask))
        }
        "--and-mark" => Some((0, !number()?)),
        "--or-mark" => Some((number()?, number()?)),
        "--xor-mark" => Some((number()?, 0)),
        _ => None,
    }
}

fn connmark(options: Options<'_, '_>) -> Option<Action> {
    if let Some((value, mask)) = only(options).as_ref().and_then(set) {
        return Some(Action::SetCtMark { value, mask });
    }
    let mut is_save = None;
    let (mut mask, mut ct_mask) = (u32::MAX, u32::MAX);
    for option in options.iter() {
        let number = || u32::try_from(value::number(option.value()?)?).ok();
        match option.name {
            "--save-mark" if option.is_flag() => is_save = Some(true),
            "--restore-mark" if option.is_flag() => is_save = Some(false),
            "--nfmask" => mask = number()?,
            "--ctmask" => ct_mask = number()?,
            "--mask" => (mask, ct_mask) = (number()?, number()?),
            _ => return None,
        }
    }
    Some(if is_save? { Action::SaveMark { mask, ct_mask } } else { Action::RestoreMark { mask, ct_mask } })
}
