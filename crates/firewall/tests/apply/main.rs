//! Edits on the real kernel, in network namespaces of their own.

#[cfg(test)]
mod ending;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod legacy;
#[cfg(test)]
mod lockout;
#[cfg(test)]
mod nft;
#[cfg(test)]
mod race;
#[cfg(test)]
mod random;
#[cfg(test)]
mod site;
