use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "relationship-lazy-default",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A relationship that holds many objects does not say how they are loaded, or says it in a word that SQLAlchemy does not know.",
    why: "Without a strategy each access loads the objects of one owner: a list of a hundred owners makes a hundred queries more. `selectin` \
          loads all of them with one, `raise` makes the program say at each query what it needs; `select` states that the default is meant. \
          SQLAlchemy manual, \"Relationship Loading Techniques\".",
    fires: examples![
        "# file: models.py\nfrom sqlalchemy import ForeignKey\nfrom sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship\nclass Base(DeclarativeBase):\n    pass\nclass User(Base):\n    __tablename__ = \"users\"\n    id: Mapped[int] = mapped_column(primary_key=True)\n    orders: Mapped[list[\"Order\"]] = «relationship(back_populates=\"user\")»\nclass Order(Base):\n    __tablename__ = \"orders\"\n    id: Mapped[int] = mapped_column(primary_key=True)\n    user_id: Mapped[int] = mapped_column(ForeignKey(\"users.id\"))\n    user: Mapped[User] = relationship(back_populates=\"orders\")\n",
        "# file: models.py\nfrom sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy.orm import declarative_base, relationship\nBase = declarative_base()\nclass User(Base):\n    __tablename__ = \"users\"\n    id = Column(Integer, primary_key=True)\n    orders = «relationship(\"Order\")»\nclass Order(Base):\n    __tablename__ = \"orders\"\n    id = Column(Integer, primary_key=True)\n    user_id = Column(ForeignKey(\"users.id\"))\n    user = relationship(\"User\", lazy=«\"eager\"»)\n",
    ],
    silent: examples![
        "# file: models.py\nfrom sqlalchemy import Column, ForeignKey, Integer\nfrom sqlalchemy.orm import declarative_base, relationship\nBase = declarative_base()\nclass User(Base):\n    __tablename__ = \"users\"\n    id = Column(Integer, primary_key=True)\n    orders = relationship(\"Order\", lazy=\"selectin\", back_populates=\"user\")\nclass Order(Base):\n    __tablename__ = \"orders\"\n    id = Column(Integer, primary_key=True)\n    user_id = Column(ForeignKey(\"users.id\"))\n    user = relationship(\"User\", back_populates=\"orders\")\n",
    ],
    supersedes: &[],
    check,
};

/// The words that `lazy` takes. Source: `sqlalchemy.orm.relationship`.
const STRATEGIES: &[&str] = &[
    "select",
    "immediate",
    "joined",
    "subquery",
    "selectin",
    "noload",
    "raise",
    "raise_on_sql",
    "write_only",
    "dynamic",
    // The value is not known.
    "",
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.target.role != Role::Models {
        return;
    }
    let many = || cx.history.models.iter().flat_map(|m| &m.relationships).filter(|r| r.collection == Some(true));
    let silent = many().filter(|r| r.lazy.is_none()).count();
    for model in &cx.history.models {
        let table = cx.tables().find(|(_, t)| t.name == model.table).map(|(id, _)| ObjectId::Table(id));
        for relationship in &model.relationships {
            out.look();
            let subject = Subject::new(ObjectKind::Column, format!("{}.{}", model.class, relationship.name));
            match (&relationship.lazy, relationship.lazy_span) {
                (Some(word), Some(span)) if !STRATEGIES.contains(&word.as_str()) => {
                    let message = format!(
                        "`{}.{}` is to be loaded by `{word}`, which is no strategy of SQLAlchemy's: mapping the class fails.",
                        model.class, relationship.name
                    );
                    out.report_about(subject, span, message);
                }
                (None, _) if relationship.collection == Some(true) => {
                    let message = format!(
                        "`{}.{}` holds many objects and does not say how they are loaded: by default with one more query for each `{}`.",
                        model.class, relationship.name, model.class
                    );
                    out.report_about(subject, relationship.span, message)
                        .objects(table)
                        .evidence(format!("{silent} of {} that hold many objects do not say it.", many().count()));
                }
                _ => {}
            }
        }
    }
}
