//! What is decided about findings and the report: waivers with their reasons, what the report shows, and the files that repair or consolidate.

use relata_protocol::{Query, ReportChoices, ReportFormat, WaiverSetting};

use super::diagram::Step;
use super::{Effect, Purpose, State, View};

impl State {
    /// Accepts a finding, with the reason; a second time changes the reason.
    pub(super) fn waive(&mut self, waiver: WaiverSetting, out: &mut Vec<Effect>) {
        let reason = waiver.reason.trim().to_owned();
        if reason.is_empty() {
            self.tell("A waiver needs a reason: whoever reads it later will ask.", out);
            return;
        }
        let mut waivers = self.options.waivers.clone();
        let waiver = WaiverSetting { reason, ..waiver };
        match waivers.iter_mut().find(|w| w.fingerprint == waiver.fingerprint) {
            Some(old) => *old = waiver,
            None => waivers.push(waiver),
        }
        self.put_waivers(waivers, "waiver", out);
    }

    /// Takes a waiver back.
    pub(super) fn unwaive(&mut self, fingerprint: &str, out: &mut Vec<Effect>) {
        let kept = self.options.waivers.iter().filter(|w| w.fingerprint != fingerprint).cloned().collect();
        self.put_waivers(kept, "taking back a waiver", out);
    }

    fn put_waivers(&mut self, waivers: Vec<WaiverSetting>, what: &'static str, out: &mut Vec<Effect>) {
        if waivers == self.options.waivers {
            return;
        }
        let old = std::mem::replace(&mut self.options.waivers, waivers);
        self.drawing.done(Step::Waivers(old), what);
        self.reanalyse(out);
        out.push(Effect::Persist);
    }

    pub(super) fn ask_report(&mut self, out: &mut Vec<Effect>) {
        // The preview shows the logo itself.
        let options = ReportChoices { logo: None, ..self.report_choices.clone() };
        let query = Query::Report { format: ReportFormat::Markdown, options };
        self.ask(Purpose::ReportPreview, query, out);
        if self.chapters.is_empty() {
            self.ask(Purpose::Chapters, Query::Chapters, out);
        }
    }

    /// What the report is to show; the preview follows.
    pub(super) fn choose_report(&mut self, choices: ReportChoices, out: &mut Vec<Effect>) {
        if choices == self.report_choices {
            return;
        }
        self.report_choices = choices;
        self.report = None;
        if self.view == View::Report {
            self.ask_report(out);
        }
    }
}
