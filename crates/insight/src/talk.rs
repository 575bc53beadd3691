//! What people say of an action's effect: "that fixed it", "no change", "now it's worse".
//!
//! Careful rather than clever: a question, a wish, a condition or another time says nothing.

use std::sync::LazyLock;

use regex::Regex;

/// What somebody says of the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It helped.
    Helped,
    /// Nothing changed.
    NoChange,
    /// It is worse.
    Worse,
}

/// What worked is said in few words; longer than this is a story or a paste.
const REMARK: usize = 240;

/// First words of a question, with or without its mark; "didn't help" is none.
const ASKS: &str = r"^(?:(?:so|and|but|hey|ok|okay|well|also|or|@?\w+[:,])\s+)*(?:is|are|was|does|did|do|don't you|has|have|can|could|should|would|will|any|anyone|anybody|what|when|why|how|who|where|which|whether)\b";

/// Words that make a sentence about what may be, or was at another time.
const ELSEWHEN: &str = r"\b(?:if|unless|until|till|once|when|whenever|should|shouldn't|would|wouldn't|could|couldn't|might|may|maybe|perhaps|probably|hopefully|hope|hoping|wish|will|won't|gonna|going to|try to|trying to|tried to|want|wants|wanted|need|needs|needed|let me know|tell me|wait for|waiting for|to be (?:fixed|resolved)|before|ago|yesterday|tomorrow|tonight|last (?:time|week|month|year|night)|next (?:time|week|month|year|release)|used to|usually|always|every time|how to|make sure|check|verify|whether|eta|please|pls|must|can't|cannot|get (?:it|this|that) (?:fixed|working)|assum\w+|suppos\w+|expect\w*|wonder\w*|in \d+(?:\.\d+)*|version|upstream)\b|'ll\b|'d\b";

const WORSE: &str = r"\b(?:(?:made|makes|making|got|gets|getting|became|is|it's|its|are|looks|even|much|now|things|far|way) (?:\w+ ){0,3}worse|worse (?:now|than before|off)|went from bad to worse|(?:everything|all of it|the whole \w+) is (?:now )?down)\b|^worse$";

const NOT_WORSE: &str = r"\b(?:no|not|n't|isn't|nothing|never|could be|any|than) (?:\w+ )?worse\b";

const NO_CHANGE: &str = r"\b(?:no (?:change|changes|effect|difference|luck|joy|improvement|dice|better)|(?:did|has|have|had|was|is)(?: not|n't|nt) (?:\w+ )?(?:help|helped|work|worked|working|fix|fixed|change|changed|do anything|do (?:it|the trick)|make (?:a|any) difference|made (?:a|any) difference|recover|recovered|resolved|solve|solved|improve|improved)|(?:does|do)(?: not|n't|nt) (?:\w+ )?(?:help|fix|change|do anything|make (?:a|any) difference|improve)|(?:that|this|it) (?:still )?(?:does not|doesn't|doesnt) work|(?:made|makes) no difference|nothing (?:changed|has changed|happened|helps|helped)|(?:did|does|doing) nothing|to no avail|without (?:effect|success)|still (?:\w+ ){0,2}(?:down|broken|failing|fails|erroring|errors?|timing out|timeouts?|happening|unreachable|firing|dead|red|stuck|slow|degraded|bad|nothing|the same|unavailable|unhealthy|crashing|crashlooping|failed|hanging|offline|5\d\d|5xx|4\d\d)|still (?:see|seeing|get|getting|have|having|not|doesn't|isn't|can't|no|throwing|returning)|same (?:errors?|result|symptoms?|behaviou?r)|not (?:yet |really |quite |fully |completely |entirely |any |at all )*(?:fixed|resolved|solved|working|recovered|recovering|back|better|helping|up|healthy|good|ok|okay|happy|it)|(?:isn't|aren't|wasn't|ain't|it's not|hasn't|haven't|never) (?:yet |really |quite |fully |been )*(?:fixed|resolved|solved|working|recovered|recovering|back|better|helping|helped|up|healthy|changed|came back))\b|^(?:no change|no effect|nada|same|same (?:thing|problem|issue|here)(?: again| still)?)$";

const HELPED: &str = r"\b(?:(?:that|this|it|which|what|restart|reboot|rollback|revert|reverting|restarting|failover|deploy|fix|patch|change|rolling back|\w+ing (?:it|that|\w+)) (?:has |have |just |seems to have |appears to have |seem to have |did |definitely |actually |really )*(?:fixed|solved|resolved|cured|helped|worked|did (?:it|the trick))(?: (?:it|that|this|things|the (?:issue|problem|outage|error)))?|(?:works|working|running|serving|responding|good|fine|healthy|green|ok|okay|stable|reachable|alive|(?:is|are|it's|back) up) (?:again|now)|(?:all|everything|everything's|everything is|it's all|we are|we're|site's|site is|and we're|they're|it's|its|is) (?:\w+ )?(?:back|recovered|fixed|resolved|recovering|(?:green|healthy|good|fine|normal|ok|okay|stable) (?:now|again))|back (?:to normal|online|in business|to life|to green|to baseline)|(?:has|have|had|just|fully|completely|nicely|are|is|\w+s) (?:been )?(?:recovered|recovering)|(?:problem|issue|incident|outage|error|that's|it's|its|is|are|been|now|all|bug) (?:now |all )?(?:fixed|solved|resolved)|(?:errors?|alerts?|timeouts?|problem|5xx|5\d\ds?|symptoms?) (?:\w+ )?(?:are |is |have |has )?(?:all |now )?(?:gone|cleared|stopped|went away|disappeared|dropped|dropping)|no more (?:errors?|alerts?|timeouts?|5xx|5\d\ds?|failures?)|(?:error rate|errors|latency|load|cpu|queue|backlog|traffic|response times?|lag) (?:\w+ )?(?:is |are |has |have )?(?:back|normal|down|dropping|dropped|draining|drained|recovering|recovered|falling|improving|improved)|did the trick|(?:is|are|\w+'s|\w+'re|site|all|now) back up|can (?:log ?in|connect|reach it|see it) again|that was it)\b|^(?:fixed|resolved|solved|recovered|works|it works|back up|up again|working|all good|all green|much better|better|better now|it worked|that worked|worked|green|helped|that helped)(?: now| again| thanks| thank you| ty| it| everyone| all)*$";

/// A word before a good sign that turns it round.
const TURNED: &str = r"\b(?:not|n't|isn't|aren't|wasn't|don't|doesn't|didn't|hasn't|haven't|never|hardly|barely|nothing|none|nobody|no one|without|no|far from|partly|partially|only|nearly|almost|half)(?: \w+){0,2} *$";

struct Patterns {
    asks: Regex,
    elsewhen: Regex,
    worse: Regex,
    not_worse: Regex,
    no_change: Regex,
    helped: Regex,
    turned: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let regex = |pattern| Regex::new(pattern).expect("the patterns are constant and tested");
    Patterns {
        asks: regex(ASKS),
        elsewhen: regex(ELSEWHEN),
        worse: regex(WORSE),
        not_worse: regex(NOT_WORSE),
        no_change: regex(NO_CHANGE),
        helped: regex(HELPED),
        turned: regex(TURNED),
    }
});

/// What a remark says of an effect; the last clause that says something counts.
pub fn said(text: &str) -> Option<Said> {
    if text.len() > REMARK {
        return None;
    }
    let plain = text.to_lowercase().replace(['’', '‘', '`'], "'");
    sentences(&plain).filter_map(of_sentence).last()
}

/// Sentences with the mark that ends them; quoted lines are somebody else's.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with(['>', '|']));
    lines.flat_map(|line| line.split_inclusive(['!', '?', ';']).flat_map(|part| part.split_inclusive(". ")))
}

fn of_sentence(sentence: &str) -> Option<Said> {
    let patterns = &*PATTERNS;
    let sentence = sentence.trim();
    if sentence.ends_with('?') || patterns.asks.is_match(sentence) || patterns.elsewhen.is_match(sentence) {
        return None;
    }
    let parts = sentence.split([',', '(', ')', '–', '—', ':']).flat_map(|part| part.split(" but "));
    parts.filter_map(of_clause).last()
}

fn of_clause(clause: &str) -> Option<Said> {
    let patterns = &*PATTERNS;
    let clause = clause.trim_matches(|c: char| !c.is_alphanumeric());
    if patterns.worse.is_match(clause) && !patterns.not_worse.is_match(clause) {
        return Some(Said::Worse);
    }
    if patterns.no_change.is_match(clause) {
        return Some(Said::NoChange);
    }
    let good = patterns.helped.find(clause)?;
    if patterns.turned.is_match(&clause[..good.start()]) { Some(Said::NoChange) } else { Some(Said::Helped) }
}

#[cfg(test)]
mod tests {
    use super::{Said, said};

    fn check(expected: Option<Said>, remarks: &[&str]) {
        let wrong: Vec<_> = remarks
            .iter()
            .map(|remark| (*remark, said(remark)))
            .filter(|(_, found)| *found != expected)
            .collect();
        assert!(wrong.is_empty(), "expected {expected:?}: {wrong:#?}");
    }

    proptest::proptest! {
        #[test]
        fn anything_can_be_said(text in ".*", words in "(fixed|not|it's|worse|, |no change|back|İ|ß|’|\\n|> ){0,40}") {
            said(&text);
            said(&words);
        }
    }

    #[test]
    fn it_helped() {
        check(
            Some(Said::Helped),
            &[
                "that fixed it",
                "That fixed it!",
                "fixed",
                "Fixed, thanks",
                "and we're back to normal",
                "works again",
                "ok, works again now",
                "recovered",
                "everything is back",
                "error rate is down",
                "errors are gone",
                "looks like the rollback did the trick",
                "the restart fixed it",
                "it's fixed now",
                "all green again",
                "checkout has recovered",
                "I think that fixed it",
                "site is back up",
                "restart didn't help, but the rollback fixed it",
                "no more 5xx",
                "latency back to baseline",
                "that’s resolved",
                "login works now",
                "no errors: back to normal",
                "it worked",
            ],
        );
    }

    #[test]
    fn nothing_changed() {
        check(
            Some(Said::NoChange),
            &[
                "no change",
                "No effect.",
                "didn't help",
                "that did not help at all",
                "still down",
                "still seeing 502s",
                "same error",
                "not fixed yet",
                "it's not fixed",
                "isn't working",
                "nope, still broken",
                "made no difference",
                "that fixed EU, but US is still down",
                "hasn't recovered",
                "never came back",
                "nothing changed",
                "it is not back to normal",
                "restarted it, no luck",
            ],
        );
    }

    #[test]
    fn it_is_worse() {
        check(
            Some(Said::Worse),
            &[
                "that made it worse",
                "it's getting worse",
                "worse",
                "now it is even worse",
                "things got worse",
            ],
        );
    }

    #[test]
    fn it_says_nothing() {
        check(
            None,
            &[
                "is that fixed?",
                "is it fixed",
                "does it work now?",
                "did that help",
                "works again?",
                "should be fixed now",
                "hopefully that fixed it",
                "if we restart it, it works again",
                "let me know when it's back to normal",
                "this was fixed last week",
                "it will be fixed soon",
                "I want it fixed",
                "we need a fixed address",
                "fixed-width font",
                "it could be worse",
                "no worse than before",
                "tell me once it has recovered",
                "> that fixed it",
                "what fixed it",
                "still looking",
                "still investigating",
                "I'll tell you if it's back up",
                "bug was fixed in 2.4.1",
                "we can't say it's fixed",
                "rolling back",
                "deployed the fix",
                "anyone seeing this fixed",
                "",
            ],
        );
    }
}
