-- What analysts ask of a store: indexes, full-text search, and views. Applied once, as one migration of database.py;
-- a later change is a further script. The views are described in docs/views.md.

-- Where a table stands and whose it is, so that a line of the text leads to its table.
ALTER TABLE tables ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE tables ADD COLUMN first_line INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tables ADD COLUMN last_line INTEGER NOT NULL DEFAULT 0;
UPDATE tables SET owner = stated.owner, first_line = stated.first_line, last_line = stated.last_line
FROM (
    SELECT documents.id AS document, json_extract(entry.value, '$.id') AS id,
        json_extract(entry.value, '$.owner') AS owner, json_extract(entry.value, '$.lines[0]') AS first_line,
        json_extract(entry.value, '$.lines[1]') AS last_line
    FROM documents, json_each(documents.json, '$.tables') AS entry
    ) AS stated
WHERE stated.document = tables.document AND stated.id = tables.id;

-- Departments are found in this index alone; the documents themselves are long.
CREATE INDEX documents_by_department ON documents (superseded_by, department, region, fiscal_year, kind, name, id);
CREATE INDEX tables_by_type ON tables (type, document, id);

-- Full text. The index says which trigrams a document has, not where (detail=none, no copy of the text): a tenth of
-- the size; the lines are looked up in the few texts that qualify. A document has a number of its own here, because
-- VACUUM may change rowids. searching.py folds in the same way as search_texts does.
CREATE TABLE searched (number INTEGER PRIMARY KEY, document TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE search_index USING fts5 (text, content = '', columnsize = 0, detail = none, tokenize = 'trigram');
CREATE VIRTUAL TABLE search_terms USING fts5vocab (search_index, row);
-- The blank lines at the end give the last two characters trigrams of their own.
CREATE VIEW search_texts AS
SELECT searched.number, documents.id AS document,
    replace(replace(replace(replace(replace(replace(replace(replace(
        documents.source_text, ' ', ''), '　', ''), char(160), ''), '（', '('), '）', ')'), '：', ':'), '，', ','), '．', '.')
    || char(10, 10, 10) AS text
FROM searched JOIN documents ON documents.id = searched.document;
CREATE TRIGGER document_is_searched AFTER INSERT ON documents BEGIN
    INSERT INTO searched (document) VALUES (new.id);
    INSERT INTO search_index (rowid, text) SELECT number, text FROM search_texts WHERE document = new.id;
END;
CREATE TRIGGER document_is_not_searched BEFORE DELETE ON documents BEGIN
    INSERT INTO search_index (search_index, rowid, text)
        SELECT 'delete', number, text FROM search_texts WHERE document = old.id;
    DELETE FROM searched WHERE document = old.id;
END;
-- A document that is kept again is changed in place.
CREATE TRIGGER document_loses_its_text BEFORE UPDATE OF source_text ON documents
    WHEN old.source_text <> new.source_text BEGIN
    INSERT INTO search_index (search_index, rowid, text)
        SELECT 'delete', number, text FROM search_texts WHERE document = old.id;
END;
CREATE TRIGGER document_gets_another_text AFTER UPDATE OF source_text ON documents
    WHEN old.source_text <> new.source_text BEGIN
    INSERT INTO search_index (rowid, text) SELECT number, text FROM search_texts WHERE document = new.id;
END;
INSERT INTO searched (document) SELECT id FROM documents ORDER BY rowid;
INSERT INTO search_index (rowid, text) SELECT number, text FROM search_texts ORDER BY number;

-- Every amount of money of every document whose file has no newer content.
CREATE VIEW amounts AS
SELECT documents.id AS document, documents.name AS file, documents.department, documents.region,
    documents.fiscal_year, documents.kind, tables.id AS table_id, tables.type AS table_type,
    tables.number AS table_number, tables.title AS table_title, cells.panel, cells.row_code AS code,
    cells.row_name AS name, cells.row_kind, cells.column_key AS part, cells.printed, cells.value_yuan AS yuan,
    CAST(cells.value_yuan AS REAL) AS approximate_yuan, cells.state, tables.outcome AS verdict, cells.proof,
    cells.line, cells.reference AS cell
FROM documents
JOIN tables ON tables.document = documents.id
-- The cells of t8 are those between `t8.` and `t8/`, the sign that follows the full stop.
JOIN cells ON cells.document = tables.document
    AND cells.reference >= tables.id || '.' AND cells.reference < tables.id || '/'
WHERE documents.superseded_by = '' AND cells.value_yuan IS NOT NULL;

-- Which tables answer a question, by which column, for which funds; a document's preferred one has the least preference.
CREATE TABLE question_tables (
    question TEXT NOT NULL, table_type TEXT NOT NULL, part TEXT NOT NULL, scope TEXT NOT NULL,
    preference INTEGER NOT NULL, PRIMARY KEY (question, table_type));
INSERT INTO question_tables VALUES
    ('function', 'gpb_expenditure_by_function', 'total', 'general public budget', 1),
    ('function', 'gpb_expenditure_by_unit_and_function', 'total', 'general public budget', 1),
    ('function', 'fa_gpb_expenditure', 'total', 'general public budget', 1),
    ('function', 'fiscal_expenditure_by_function', 'total', 'fiscal appropriation', 2),
    ('function', 'expenditure_by_unit_and_function', 'total', 'all funds', 3),
    ('function', 'budget_expenditure_summary', 'total', 'all funds', 3),
    ('function', 'fa_expenditure', 'total', 'all funds', 3),
    ('function', 'gpb_basic_by_function', 'total', 'general public budget, basic', 4),
    ('function', 'gov_fund_expenditure', 'total', 'government-managed funds', 5),
    ('function', 'gov_fund_expenditure_by_unit_and_function', 'total', 'government-managed funds', 5),
    ('function', 'fa_gov_fund', 'total', 'government-managed funds', 5),
    ('function', 'state_capital_expenditure', 'total', 'state capital', 6),
    ('function', 'state_capital_expenditure_by_unit_and_function', 'total', 'state capital', 6),
    ('function', 'fa_state_capital', 'total', 'state capital', 6),
    ('economic', 'gpb_basic_by_economic', 'total', 'general public budget, basic', 1),
    ('economic', 'gpb_basic_by_unit_and_economic', 'total', 'general public budget, basic', 1),
    ('economic', 'fa_gpb_basic_expenditure', 'amount', 'general public budget, basic', 1),
    ('economic', 'fiscal_basic_by_economic', 'total', 'fiscal appropriation, basic', 2),
    ('economic', 'basic_expenditure_by_economic_with_units', 'total', 'all funds, basic', 3),
    ('economic', 'gpb_expenditure_by_economic', 'total', 'general public budget', 4),
    ('economic', 'fiscal_expenditure_by_unit_and_economic', 'total', 'all funds', 5);

CREATE VIEW question_choices AS
SELECT question_tables.question, question_tables.part, question_tables.scope, tables.*,
    tables.amounts > 0 AND row_number() OVER (
        PARTITION BY tables.document, question_tables.question
        ORDER BY tables.amounts = 0, question_tables.preference, CAST(substr(tables.id, 2) AS INTEGER)
        ) = 1 AS is_preferred
FROM tables JOIN question_tables ON question_tables.table_type = tables.type;

CREATE VIEW by_code AS
SELECT documents.id AS document, documents.name AS file, documents.department, documents.region,
    documents.fiscal_year, documents.kind, choice.question, choice.scope, choice.is_preferred,
    choice.id AS table_id, choice.type AS table_type, choice.number AS table_number, choice.title AS table_title,
    iif(cells.panel GLOB '[0-9]', '', cells.panel) AS unit_name, cells.row_code AS code, cells.row_name AS name,
    -- A row is a leaf if the next code does not go on from its own.
    coalesce(
        length(first_value(cells.row_code) OVER following) <= length(cells.row_code)
        OR substr(first_value(cells.row_code) OVER following, 1, length(cells.row_code)) <> cells.row_code, 1
        ) AS is_leaf,
    cells.printed, cells.value_yuan AS yuan, CAST(cells.value_yuan AS REAL) AS approximate_yuan,
    cells.state, choice.outcome AS verdict, cells.proof, cells.line, cells.reference AS cell
FROM question_choices AS choice
JOIN documents ON documents.id = choice.document AND documents.superseded_by = ''
JOIN cells ON cells.document = choice.document
    AND cells.reference >= choice.id || '.' AND cells.reference < choice.id || '/' AND cells.column_key = choice.part
WHERE cells.value_yuan IS NOT NULL
    AND (choice.question = 'function' AND cells.row_code GLOB '2[0-9][0-9]*' AND length(cells.row_code) IN (3, 5, 7)
        OR choice.question = 'economic' AND cells.row_code GLOB '3[0-9][0-9]*' AND length(cells.row_code) IN (3, 5))
    -- One province's summary goes by units: a unit's code is not a function's.
    AND NOT EXISTS (
        SELECT 1 FROM cells AS unit
        WHERE choice.type = 'budget_expenditure_summary' AND unit.document = cells.document
            AND unit.reference = substr(cells.reference, 1, length(cells.reference) - 5) || 'unit_code')
WINDOW following AS (
    PARTITION BY choice.question, choice.document, choice.id, iif(cells.panel GLOB '[0-9]', '', cells.panel)
    ORDER BY cells.row_code GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING);

-- Expenditure by function (功能分类): 类 款 项 of 3, 5 and 7 digits, of all tables and of each document's preferred one.
CREATE VIEW by_function_all_tables AS
SELECT document, file, department, region, fiscal_year, kind, scope, is_preferred, table_id, table_type, table_number,
    table_title, unit_name, code, CASE length(code) WHEN 3 THEN '类' WHEN 5 THEN '款' ELSE '项' END AS level, name,
    is_leaf, printed, yuan, approximate_yuan, state, verdict, proof, line, cell
FROM by_code WHERE question = 'function';
CREATE VIEW by_function AS
SELECT * FROM by_function_all_tables WHERE is_preferred;

-- Expenditure by economic class (部门预算支出经济分类): 类 款 of 3 and 5 digits.
CREATE VIEW by_economic_all_tables AS
SELECT document, file, department, region, fiscal_year, kind, scope, is_preferred, table_id, table_type, table_number,
    table_title, unit_name, code, CASE length(code) WHEN 3 THEN '类' ELSE '款' END AS level, name, is_leaf, printed,
    yuan, approximate_yuan, state, verdict, proof, line, cell
FROM by_code WHERE question = 'economic';
CREATE VIEW by_economic AS
SELECT * FROM by_economic_all_tables WHERE is_preferred;

-- The three public expenses (三公), meetings and training: every table and sentence that states one.
CREATE VIEW three_public_all_sources AS
WITH stated AS (
    SELECT tables.document, tables.id AS table_id, tables.type AS table_type, tables.number AS table_number,
        tables.title AS table_title, tables.outcome AS verdict, cells.*,
        CASE
            WHEN cells.column_key = 'current_three' THEN 'total'
            -- Where meetings and training are in one row with them, 合计 is more than the three.
            WHEN cells.column_key = 'current_total' THEN iif(EXISTS (
                SELECT 1 FROM cells AS three WHERE three.document = cells.document AND three.reference =
                    substr(cells.reference, 1, length(cells.reference) - 13) || 'current_three'), NULL, 'total')
            WHEN cells.column_key = 'amount' THEN CASE
                WHEN cells.row_name LIKE '%出国%' THEN 'abroad'
                WHEN cells.row_name LIKE '%接待%' THEN 'reception'
                WHEN cells.row_name LIKE '%购置%运行%' OR cells.row_name LIKE '%公务用车费%' THEN 'vehicle'
                WHEN cells.row_name LIKE '%购置%' THEN 'vehicle_purchase'
                WHEN cells.row_name LIKE '%运行%' THEN 'vehicle_running'
                WHEN cells.row_name LIKE '%会议%' THEN 'meeting'
                WHEN cells.row_name LIKE '%培训%' THEN 'training'
                WHEN cells.row_kind IN ('total', 'subtotal') OR cells.row_name LIKE '%三公%' THEN 'total' END
            ELSE replace(replace(cells.column_key, 'final_', ''), 'current_', '') END AS item,
        CASE
            WHEN tables.type = 'three_public_budget' THEN 'budget'
            WHEN cells.column_key LIKE 'final_%' OR cells.row_name LIKE '%决算%' THEN 'final_accounts'
            ELSE 'budget' END AS stage,
        year.printed AS year_printed
    FROM tables
    JOIN cells ON cells.document = tables.document
        AND cells.reference >= tables.id || '.' AND cells.reference < tables.id || '/'
    -- One form has a row for each of several years.
    LEFT JOIN cells AS year ON year.document = cells.document
        AND year.reference = substr(cells.reference, 1, length(cells.reference) - length(cells.column_key)) || 'year'
    WHERE tables.type IN ('three_public_budget', 'fa_three_public') AND cells.value_yuan IS NOT NULL
    ),
found AS (
    SELECT document, stage, item, 'table' AS source, table_id, table_type, table_number, table_title, row_name AS name,
        printed, value_yuan AS yuan, state, verdict, proof, line, reference AS place, year_printed,
        row_kind <> 'total' AS is_part
    FROM stated
    WHERE item IN ('total', 'abroad', 'vehicle', 'vehicle_purchase', 'vehicle_running', 'reception', 'meeting',
        'training')
    UNION ALL
    SELECT facts.document,
        iif(facts.role = 'amount' AND documents.kind = 'final_accounts', 'final_accounts', 'budget'),
        iif(facts.measure = 'three_public_total', 'total', facts.measure), 'text', NULL, NULL, NULL, NULL, facts.item,
        facts.printed, coalesce(facts.value_yuan, '0'), 'printed', NULL, facts.proof, facts.line, facts.id, NULL, 0
    FROM facts JOIN documents ON documents.id = facts.document
    WHERE facts.measure IN ('three_public_total', 'abroad', 'vehicle', 'vehicle_purchase', 'vehicle_running',
        'reception', 'meeting', 'training')
        AND facts.role IN ('amount', 'budget') AND facts.item = ''
        -- 无, 未安排: nothing is nothing in any unit.
        AND (facts.value_yuan IS NOT NULL OR facts.value = '0')
        AND (facts.year IS NULL OR facts.year = documents.fiscal_year)
    )
SELECT documents.id AS document, documents.name AS file, documents.department, documents.region,
    documents.fiscal_year, documents.kind, found.stage, found.item, found.source,
    row_number() OVER (
        PARTITION BY found.document, found.stage, found.item
        -- What is printed in a sentence goes before what was computed for a table.
        ORDER BY found.state = 'derived', found.source, found.is_part, CAST(substr(found.table_id, 2) AS INTEGER), found.line, found.place
        ) = 1 AS is_preferred,
    found.table_id, found.table_type, found.table_number, found.table_title, found.name, found.printed, found.yuan,
    CAST(found.yuan AS REAL) AS approximate_yuan, found.state, found.verdict, found.proof, found.line,
    found.place AS cell
FROM found JOIN documents ON documents.id = found.document
WHERE documents.superseded_by = ''
    AND (found.year_printed IS NULL OR instr(found.year_printed, documents.fiscal_year));
CREATE VIEW three_public AS
SELECT * FROM three_public_all_sources WHERE is_preferred;
