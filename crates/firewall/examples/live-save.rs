//! Prints the live rules of every table: text, and with `--steps` their meaning.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let has_steps = std::env::args().any(|word| word == "--steps");
    let begin = std::time::Instant::now();
    let (ruleset, _) = firewall::live::rules::read(&firewall::live::rules::Options::default())?;
    if std::env::args().any(|word| word == "--time") {
        println!("read in {:?}", begin.elapsed());
        return Ok(());
    }
    for table in &ruleset.tables {
        println!("*{} {} {}", table.backend.as_str(), table.family.as_str(), table.name);
        for chain in &table.chains {
            for rule in &chain.rules {
                println!("-A {} {}", chain.name, rule.text);
                if has_steps {
                    println!("    {:?}{}", rule.steps, rule.lie.as_deref().unwrap_or_default());
                }
            }
        }
    }
    for note in &ruleset.notes {
        eprintln!("{}: {}", note.place, note.text);
    }
    Ok(())
}
