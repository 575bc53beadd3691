//! A place that was told: `--chain`, `--before`, `--after`, `insert N`, `prepend`.

use super::neighbour;
use super::planner::{Place, Planner, is_same};
use super::rules::Task;
use super::{Refusal, after, number};
use crate::ufw::At;
use crate::{Backend, Family, Hook, Rule, Table};

/// Plans the rules there. `false`: the place means another family, and here they go where they belong.
pub(super) fn plan(planner: &mut Planner<'_>, task: &Task<'_>) -> Result<bool, Refusal> {
    let options = &planner.edit.options;
    let (place, mut index) = match task.wanted.at {
        At::Number(number) if options.chain.is_none() => {
            let numbered = number::numbered(planner.state.ruleset);
            let found = { numbered }.find(|one| one.number == number).ok_or(Refusal::NoSuchNumber(number))?;
            if found.family != task.family {
                return Ok(false);
            }
            let place = Place {
                backend: found.backend,
                family: found.family,
                table: found.table.to_owned(),
                chain: found.chain.to_owned(),
            };
            (place, found.position - 1)
        }
        at => {
            let Some(place) = chain_told(planner, task)? else { return Ok(false) };
            let length = planner.chain(&place).map_or(0, |chain| chain.rules.len());
            let told = options.before.map(|number| (number, number.wrapping_sub(1)));
            let told = told.or(options.after.map(|number| (number, number)));
            let index = match told {
                Some((number, index)) if number == 0 || number > length || index > length => {
                    if task.wanted.families.len() > 1 {
                        return Ok(false);
                    }
                    return Err(Refusal::NoSuchPlace { chain: place.chain, number });
                }
                Some((_, index)) => index,
                None if at == At::First => 0,
                None => end(planner, &place),
            };
            (place, index)
        }
    };
    if place.backend == Backend::Nft {
        let place = format!("{} {} {}", place.family.as_str(), place.table, place.chain);
        return Err(Refusal::Native {
            place,
            command: "`nft` edits its own chains (nft insert rule ...)".to_owned(),
        });
    }
    let chains: Vec<String> = Vec::new();
    for text in &task.texts {
        let rule = after::parsed(text, task.family, &chains);
        let twin =
            planner.chain(&place).and_then(|chain| chain.rules.iter().position(|own| is_same(own, &rule)));
        match twin {
            Some(twin) if twin == index => {
                if let Some(table) = planner.rules.clone().table(place.backend, place.family, &place.table)
                    && let Some(chain) = table.chain(&place.chain)
                {
                    planner.already(table, chain, Some(twin));
                }
            }
            Some(twin) => {
                planner.delete(&place, twin);
                index -= usize::from(twin < index);
                planner.insert(&place, index, text);
            }
            None => planner.insert(&place, index, text),
        }
        index += 1;
    }
    Ok(true)
}

/// The end of a chain: before a last rule that takes all that is left.
fn end(planner: &Planner<'_>, place: &Place) -> usize {
    let Some(chain) = planner.chain(place) else { return 0 };
    let takes_all = |rule: &Rule| rule.tests().next().is_none() && rule.action().is_some();
    chain.rules.iter().position(takes_all).unwrap_or(chain.rules.len())
}

/// The chain that was told, or the base chain of the direction.
fn chain_told(planner: &Planner<'_>, task: &Task<'_>) -> Result<Option<Place>, Refusal> {
    let rules = &planner.rules;
    let fits = |table: &&Table| table.family == task.family || table.family == Family::Inet;
    let mut tables: Vec<&Table> = rules.tables.iter().filter(fits).collect();
    tables.sort_by_key(|table| (table.name != "filter", table.backend));
    if let Some(name) = &planner.edit.options.chain {
        if let Some(owner) = neighbour::of_chain(name) {
            let (owner, command) = (owner.name.to_owned(), owner.command.to_owned());
            return Err(Refusal::Foreign { owner, place: name.clone(), command });
        }
        let found = tables.iter().find_map(|table| Some(Place::of(table, table.chain(name)?)));
        let elsewhere = rules.tables.iter().any(|table| table.chain(name).is_some());
        return match found {
            Some(place) => Ok(Some(place)),
            None if elsewhere && task.wanted.families.len() > 1 => Ok(None),
            None => Err(Refusal::NoSuchChain(name.clone())),
        };
    }
    let hook = match task.hooks {
        hooks if hooks.contains(&Hook::Input) => Hook::Input,
        hooks if hooks.contains(&Hook::Forward) => Hook::Forward,
        _ => Hook::Output,
    };
    let mut candidates: Vec<(usize, Place)> = Vec::new();
    for table in tables.iter().filter(|table| table.name == "filter" && table.backend != Backend::Nft) {
        let chain =
            table.chains.iter().find(|chain| chain.base.as_ref().is_some_and(|base| base.hook == hook));
        candidates.extend(chain.map(|chain| (chain.rules.len(), Place::of(table, chain))));
    }
    let most = candidates.into_iter().rev().max_by_key(|(length, _)| *length);
    Ok(most.map(|(_, place)| place))
}
