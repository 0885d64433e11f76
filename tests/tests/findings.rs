//! What Relata says of the corpus is what was committed. A change that moves findings moves `tests/findings.txt` with them.

use relata_tests::{corpus, judgement};

#[test]
fn findings_and_scores_of_the_corpus_are_those_committed() {
    let Some(folder) = corpus::folder() else { return };
    let judgements = judgement::judgements(&folder);
    let committed = include_str!("../findings.txt").replace("\r\n", "\n");
    let now = judgement::findings_text(&judgements);
    assert!(
        committed == now,
        "findings moved; look at each, then run `cargo xtask snapshot`:\n{}",
        judgement::difference(&committed, &now)
    );
    let page = include_str!("../../docs/scoring.md").replace("\r\n", "\n");
    assert!(page == judgement::scoring_text(&judgements), "docs/scoring.md is old: run `cargo xtask snapshot`");
    // Nothing of some size is perfect, and nothing is worth nothing.
    let of_some_size = judgements.iter().filter(|j| j.tables >= 5);
    for (judgement, total) in of_some_size.filter_map(|j| Some((j, j.score?.0))) {
        assert!((20..100).contains(&total), "{}: {total}", judgement.name);
    }
}

/// What the scores are calibrated on, by areas that an auditor graded by hand: tenancy 95, integrity 75, indexes 70, constraints 65, migrations 50.
#[test]
fn the_areas_of_an_audited_project_come_out_in_its_auditors_order() {
    let Some(folder) = corpus::folder() else { return };
    let of = |name: &str| {
        let projects = judgement::projects(&folder);
        let (item, order) = projects.iter().find(|(i, _)| i.name == name).expect("a case");
        item.analyze_as(*order).targets.remove(0).score
    };
    use relata_core::rules::Category;
    let audited = of("case-orderflow");
    let areas = [
        Category::Security,
        Category::KeysAndReferences,
        Category::Indexes,
        Category::Constraints,
        Category::MigrationHistory,
    ];
    let scores: Vec<u8> = areas
        .iter()
        .map(|area| audited.categories.iter().find(|c| c.category == *area).expect("it was judged").score)
        .collect();
    assert!(scores.is_sorted_by(|a, b| a > b), "{scores:?}");
    let repaired = of("case-orderflow-repaired");
    assert!(repaired.total >= 90, "{}", repaired.total);
    assert!(repaired.total > audited.total);
}
