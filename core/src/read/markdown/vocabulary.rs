//! The words over the columns of tables that describe columns, in the languages that such documents are written in.

use super::table::Role;

/// What a head's word says that its column holds, and how surely the table is then one of columns.
pub(super) fn role(word: &str) -> (Role, i32) {
    let word = word.trim_end_matches([' ', '?', ':']);
    match word {
        "column" | "columns" | "column name" | "col" | "db column" | "column field" => (Role::Name, 3),
        "field"
        | "fields"
        | "field name"
        | "attribute"
        | "attribute name"
        | "attributes name"
        | "property"
        | "property name"
        | "feld"
        | "campo"
        | "champ"
        | "colonne"
        | "columna"
        | "coloană"
        | "coloana"
        | "câmp"
        | "spalte"
        | "spalten"
        | "spaltenname"
        | "feldname"
        | "attribut"
        | "nom du champ"
        | "nom de la colonne"
        | "nombre del campo"
        | "nombre de columna"
        | "nombre de la columna"
        | "coluna"
        | "nome da coluna"
        | "nome do campo"
        | "colonna"
        | "nome colonna"
        | "nome campo"
        | "kolom"
        | "kolomnaam"
        | "veld"
        | "kolumna"
        | "nazwa kolumny"
        | "pole"
        | "поле"
        | "колонка"
        | "столбец"
        | "имя поля"
        | "имя столбца"
        | "字段"
        | "字段名"
        | "字段名称"
        | "列名"
        | "列"
        | "欄位"
        | "欄位名稱"
        | "カラム"
        | "カラム名"
        | "項目名"
        | "컬럼"
        | "컬럼명" => (Role::Name, 1),
        "name" | "nom" | "nombre" | "nume" | "nome" | "naam" | "nazwa" | "имя" | "название" | "名称" | "名稱" => {
            (Role::Name, 0)
        }
        "type"
        | "data type"
        | "datatype"
        | "column type"
        | "field type"
        | "tip"
        | "tipo"
        | "typ"
        | "datentyp"
        | "feldtyp"
        | "format"
        | "kind"
        | "tipo de dato"
        | "tipo de datos"
        | "tipo dato"
        | "type de données"
        | "type de donnée"
        | "type de donnees"
        | "tipo de dado"
        | "tipo de dados"
        | "tipo di dato"
        | "tipo dati"
        | "gegevenstype"
        | "datatyp"
        | "typ danych"
        | "тип"
        | "тип данных"
        | "类型"
        | "数据类型"
        | "字段类型"
        | "類型"
        | "資料型別"
        | "型"
        | "データ型"
        | "タイプ"
        | "타입" => (Role::Type, 0),
        "sql type" | "postgres type" | "postgresql type" | "db type" | "database type" | "pg type" | "type sql"
        | "tipo sql" => (Role::Type, 3),
        "constraints"
        | "constraint"
        | "einschränkung"
        | "einschränkungen"
        | "contraintes"
        | "contrainte"
        | "restricciones"
        | "restricción"
        | "restrições"
        | "restrição"
        | "vincoli"
        | "ograniczenia"
        | "ограничения"
        | "约束"
        | "約束"
        | "制約" => (Role::Constraints, 2),
        "attributes" | "modifiers" | "extra" | "properties" | "options" | "rules" | "flags" | "settings" => {
            (Role::Constraints, 0)
        }
        "nullable" | "null" | "allow null" | "allows null" | "is nullable" | "nulls" | "nullability"
        | "null erlaubt" | "nullbar" | "nul" | "nulle" | "nulo" | "nullo" | "admite nulo" | "admite nulos"
        | "accepte null" | "aceita nulo" | "允许空" | "允许为空" | "允許為空" | "可为空" | "可空" | "是否为空"
        | "是否可空" | "null許可" | "null可" => (Role::Nullable, 2),
        "not null" | "non null" | "notnull" | "非空" | "不为空" | "非null" => (Role::NotNull, 2),
        "required"
        | "mandatory"
        | "req"
        | "pflicht"
        | "pflichtfeld"
        | "erforderlich"
        | "obligatoire"
        | "obligatorio"
        | "obligatoriu"
        | "requis"
        | "requerido"
        | "obbligatorio"
        | "obrigatório"
        | "obrigatorio"
        | "verplicht"
        | "wymagane"
        | "обязательное"
        | "обязательно"
        | "обязательность"
        | "必填"
        | "是否必填"
        | "必須" => (Role::NotNull, -1),
        "key" | "keys" | "key type" | "pk fk" | "schlüssel" | "clé" | "clave" | "cheie" | "clés" | "claves"
        | "chave" | "chiave" | "sleutel" | "klucz" | "ключ" | "键" | "キー" => (Role::Key, 2),
        "pk"
        | "primary key"
        | "primary"
        | "primärschlüssel"
        | "clé primaire"
        | "clave primaria"
        | "chave primária"
        | "chiave primaria"
        | "первичный ключ"
        | "主键"
        | "主鍵"
        | "主キー" => (Role::Primary, 3),
        "fk"
        | "foreign key"
        | "references"
        | "reference"
        | "foreign keys"
        | "fk to"
        | "fk reference"
        | "relation"
        | "fremdschlüssel"
        | "verweis"
        | "verweist auf"
        | "referenz"
        | "clé étrangère"
        | "référence"
        | "références"
        | "clave foránea"
        | "clave externa"
        | "referencia"
        | "referencias"
        | "chave estrangeira"
        | "referência"
        | "chiave esterna"
        | "riferimento"
        | "внешний ключ"
        | "外键"
        | "外鍵"
        | "外部キー" => (Role::Foreign, 3),
        "ref table" | "reference table" | "referenced table" | "references table" | "fk table" | "foreign table"
        | "parent table" | "target table" | "related table" | "referenztabelle" => (Role::ForeignTable, 3),
        "ref column" | "reference column" | "referenced column" | "references column" | "fk column"
        | "foreign column" | "parent column" | "target column" | "ref field" | "referenced field" => {
            (Role::ForeignColumn, 3)
        }
        "unique" | "uq" | "eindeutig" | "único" | "unico" | "única" | "уникальное" | "唯一" | "一意" => {
            (Role::Unique, 2)
        }
        "index" | "indexed" | "indexé" | "indexado" | "индекс" | "索引" => (Role::Indexed, 2),
        "default"
        | "default value"
        | "defaults"
        | "standardwert"
        | "vorgabe"
        | "vorgabewert"
        | "défaut"
        | "defaut"
        | "par défaut"
        | "valeur par défaut"
        | "por defecto"
        | "valor por defecto"
        | "predeterminado"
        | "valor predeterminado"
        | "padrão"
        | "valor padrão"
        | "predefinito"
        | "valore predefinito"
        | "standaardwaarde"
        | "wartość domyślna"
        | "domyślnie"
        | "по умолчанию"
        | "значение по умолчанию"
        | "默认值"
        | "默认"
        | "預設值"
        | "デフォルト"
        | "デフォルト値"
        | "初期値"
        | "기본값" => (Role::Default, 0),
        "check" | "check constraint" | "checks" => (Role::Check, 2),
        "length" | "size" | "precision" | "len" | "länge" | "longueur" | "longitud" | "长度" | "桁数" => {
            (Role::Length, 1)
        }
        "description"
        | "notes"
        | "note"
        | "purpose"
        | "comment"
        | "comments"
        | "details"
        | "meaning"
        | "remarks"
        | "definition"
        | "descriere"
        | "beschreibung"
        | "descripción"
        | "descripcion"
        | "bemerkung"
        | "bemerkungen"
        | "bedeutung"
        | "zweck"
        | "usage"
        | "explanation"
        | "remarque"
        | "remarques"
        | "commentaire"
        | "commentaires"
        | "comentario"
        | "comentarios"
        | "notas"
        | "observaciones"
        | "descrição"
        | "comentário"
        | "observações"
        | "descrizione"
        | "omschrijving"
        | "opis"
        | "описание"
        | "комментарий"
        | "примечание"
        | "说明"
        | "描述"
        | "备注"
        | "注释"
        | "說明"
        | "備註"
        | "説明"
        | "備考"
        | "설명" => (Role::Description, 0),
        "table" | "table name" | "entity" | "entity name" | "model" | "tabelle" | "tabellenname" | "tabla"
        | "nombre de la tabla" | "tabela" | "tabella" | "nom de la table" | "таблица" | "表名" | "テーブル"
        | "テーブル名" => (Role::Table, 2),
        "parameter"
        | "param"
        | "option"
        | "flag"
        | "variable"
        | "argument"
        | "prop"
        | "env"
        | "environment variable"
        | "header"
        | "setting"
        | "endpoint"
        | "method"
        | "in"
        | "command" => (Role::Other, -6),
        _ => (Role::Other, 0),
    }
}

/// Words that say yes and no in a cell, beside signs.
pub(super) fn answer(word: &str) -> Option<bool> {
    match word {
        "yes" | "y" | "true" | "t" | "x" | "1" | "ja" | "oui" | "si" | "sí" | "da" | "sì" | "sim" | "tak" | "да"
        | "是" | "有" | "はい" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "nein" | "non" | "nu" | "none" | "n/a" | "nee" | "não" | "nao" | "nie"
        | "нет" | "否" | "无" | "いいえ" => Some(false),
        _ => None,
    }
}

/// Two words that mark a primary key.
pub(super) const PRIMARY_KEY: &[[&str; 2]] = &[
    ["primary", "key"],
    ["clé", "primaire"],
    ["clave", "primaria"],
    ["llave", "primaria"],
    ["chave", "primária"],
    ["chiave", "primaria"],
    ["cheie", "primară"],
    ["первичный", "ключ"],
];

/// Two words that mark a foreign key.
pub(super) const FOREIGN_KEY: &[[&str; 2]] = &[
    ["foreign", "key"],
    ["clé", "étrangère"],
    ["clave", "foránea"],
    ["clave", "ajena"],
    ["clave", "externa"],
    ["llave", "foránea"],
    ["chave", "estrangeira"],
    ["chiave", "esterna"],
    ["cheie", "externă"],
    ["внешний", "ключ"],
];

/// What stands between the mark of a foreign key and its target.
pub(super) const POINTS_TO: &[&str] = &[
    "to",
    "references",
    "ref",
    "refs",
    "reference",
    "referencing",
    "auf",
    "vers",
    "hacia",
    "para",
    "verso",
    "către",
    "naar",
    "на",
    "do",
];
