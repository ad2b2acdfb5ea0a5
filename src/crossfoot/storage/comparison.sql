-- Budgets beside what was executed: as final accounts and evaluations state it, and document beside document. A further
-- script after analysis.sql; earlier stores have these views in an earlier form.
DROP VIEW IF EXISTS budget_and_accounts;
DROP VIEW IF EXISTS execution_rates;
DROP VIEW IF EXISTS execution_rates_all_sources;

-- Execution of budgets as final accounts and evaluations state it: budget, executed, and the printed rate.
CREATE VIEW execution_rates_all_sources AS
WITH numbered AS (
    SELECT cells.*, tables.type, tables.number AS table_number, tables.title AS table_title,
        tables.outcome AS verdict,
        substr(cells.reference, 1, length(cells.reference) - length(cells.column_key)) AS of_row,
        row_number() OVER (
            PARTITION BY cells.document, cells.table_id, cells.column_key
            ORDER BY CAST(substr(cells.reference, instr(cells.reference, '.r') + 2) AS INTEGER)) AS position
    FROM tables
    JOIN cells ON cells.document = tables.document
        AND cells.reference >= tables.id || '.' AND cells.reference < tables.id || '/'
    WHERE cells.column_key IN ('budget', 'executed', 'rate')
        AND tables.type IN ('project_performance_self_evaluation', 'department_performance_self_evaluation')
    ),
-- The first executed amount of a form goes with its first budget, and so on. A join would compare all with all.
paired AS (
    SELECT *, max(iif(column_key = 'budget', value_yuan, NULL)) OVER same AS budget_yuan,
        max(iif(column_key = 'budget', state, NULL)) OVER same AS budget_state,
        max(iif(column_key = 'budget', proof, NULL)) OVER same AS budget_proof,
        max(iif(column_key = 'rate', printed, NULL)) OVER (PARTITION BY document, table_id, of_row) AS printed_rate
    FROM numbered
    WINDOW same AS (PARTITION BY document, table_id, position)
    ),
forms AS (
    -- A project's form has one total; the department's has a row for each task and a total of them.
    SELECT executed.document, 'table' AS source,
        CASE WHEN executed.type LIKE 'project%' THEN 'project'
            WHEN executed.row_kind = 'total' THEN 'department' ELSE 'task' END AS about,
        iif(executed.type LIKE 'project%', executed.table_title, executed.row_name) AS item, '' AS code,
        executed.budget_yuan, executed.value_yuan AS executed_yuan, coalesce(executed.printed_rate, '') AS printed_rate,
        executed.table_id, executed.type AS table_type, executed.table_number, executed.table_title, executed.verdict,
        executed.budget_state, executed.state AS executed_state, executed.budget_proof,
        executed.proof AS executed_proof, executed.line, executed.reference AS place
    FROM paired AS executed
    WHERE executed.column_key = 'executed' AND executed.value_yuan IS NOT NULL AND executed.budget_yuan IS NOT NULL
        AND (executed.type NOT LIKE 'project%' OR executed.position = 1)
    ),
completions AS (
    -- With the budget that is stated nearest to the completion, at most five lines away.
    SELECT facts.*, stated.id AS budget_id, row_number() OVER (
        PARTITION BY facts.document, facts.id
        ORDER BY abs(stated.line - facts.line), stated.line, CAST(substr(stated.id, 2) AS INTEGER)) AS nearness
    FROM facts
    LEFT JOIN facts AS stated ON stated.document = facts.document AND stated.role = 'budget'
        AND stated.measure = facts.measure AND stated.item = facts.item AND abs(stated.line - facts.line) <= 5
    WHERE facts.role = 'completion' AND facts.measure <> 'project_received'
    ),
sentences AS (
    SELECT completions.document, 'text' AS source,
        CASE completions.measure
            WHEN 'expenditure_total' THEN 'department' WHEN 'expenditure_current_year' THEN 'department'
            WHEN 'function_item' THEN 'function' ELSE completions.measure END AS about,
        completions.item, completions.code, budget.value_yuan AS budget_yuan, executed.value_yuan AS executed_yuan,
        completions.printed || completions.unit AS printed_rate, NULL AS table_id, NULL AS table_type,
        NULL AS table_number, NULL AS table_title, NULL AS verdict,
        iif(budget.id IS NULL, NULL, 'printed') AS budget_state,
        iif(executed.id IS NULL, NULL, 'printed') AS executed_state, budget.proof AS budget_proof,
        executed.proof AS executed_proof, completions.line, completions.id AS place
    FROM completions
    LEFT JOIN facts AS executed ON executed.document = completions.document AND executed.id = completions.part_of
        AND executed.role = 'amount'
    LEFT JOIN facts AS budget ON budget.document = completions.document AND budget.id = completions.budget_id
    WHERE completions.nearness = 1
    ),
found AS (SELECT * FROM forms UNION ALL SELECT * FROM sentences)
SELECT documents.id AS document, documents.name AS file, documents.department, documents.region,
    documents.fiscal_year, documents.kind, found.about, found.item, found.code, found.source,
    rank() OVER (PARTITION BY found.document, found.about ORDER BY found.source) = 1 AS is_preferred,
    found.table_id, found.table_type, found.table_number, found.table_title, found.budget_yuan, found.executed_yuan,
    found.printed_rate, CAST(found.budget_yuan AS REAL) AS approximate_budget_yuan,
    CAST(found.executed_yuan AS REAL) AS approximate_executed_yuan,
    round(100 * CAST(found.executed_yuan AS REAL) / nullif(CAST(found.budget_yuan AS REAL), 0), 2)
        AS approximate_rate_percent,
    found.budget_state, found.executed_state, found.verdict, found.budget_proof, found.executed_proof, found.line,
    found.place AS cell
FROM found JOIN documents ON documents.id = found.document
WHERE documents.superseded_by = '';
CREATE VIEW execution_rates AS
SELECT * FROM execution_rates_all_sources WHERE is_preferred;

-- A department's budget beside its final accounts of the same year, by function. A code that stands under several units
-- is added up in whole 分, so that nothing is lost; one with an amount of less than a 分, or beyond what SQLite adds
-- exactly, is left out.
CREATE VIEW budget_and_accounts AS
WITH leaves AS (
    SELECT *, CAST(round(approximate_yuan * 100) AS INTEGER) AS fen,
        (instr(yuan, '.') = 0 OR length(yuan) - instr(yuan, '.') <= 2) AND abs(approximate_yuan) < 1e13 AS is_whole
    FROM by_function WHERE is_leaf),
added AS (
    SELECT document, department, region, fiscal_year, kind, scope, table_id, table_number, code, level,
        min(name) AS name, count(*) AS rows, sum(fen) AS fen, min(yuan) AS yuan, min(line) AS line, min(verdict) AS verdict,
        iif(min(state) = max(state), min(state), 'several') AS state,
        CASE WHEN sum(proof = 'neither') THEN 'neither' WHEN sum(proof = 'grounded') THEN 'grounded'
            WHEN sum(proof = 'proved') THEN 'proved' END AS proof
    FROM leaves GROUP BY document, code HAVING count(*) = 1 OR min(is_whole)),
exact AS (
    SELECT *, iif(rows = 1, yuan,
        rtrim(rtrim(iif(fen < 0, '-', '') || printf('%d.%02d', abs(fen) / 100, abs(fen) % 100), '0'), '.')) AS added_yuan
    FROM added)
SELECT accounts.department, accounts.region, accounts.fiscal_year, accounts.scope, accounts.code, accounts.level,
    accounts.name, budget.added_yuan AS budget_yuan, accounts.added_yuan AS executed_yuan,
    CAST(budget.added_yuan AS REAL) AS approximate_budget_yuan,
    CAST(accounts.added_yuan AS REAL) AS approximate_executed_yuan,
    round(100 * CAST(accounts.added_yuan AS REAL) / nullif(CAST(budget.added_yuan AS REAL), 0), 2)
        AS approximate_rate_percent,
    budget.rows AS budget_rows, accounts.rows AS executed_rows, budget.state AS budget_state,
    accounts.state AS executed_state, budget.verdict AS budget_verdict, accounts.verdict AS executed_verdict,
    budget.proof AS budget_proof, accounts.proof AS executed_proof, budget.document AS budget_document,
    budget.table_id AS budget_table_id, budget.table_number AS budget_table_number, budget.line AS budget_line,
    accounts.document AS accounts_document, accounts.table_id AS accounts_table_id,
    accounts.table_number AS accounts_table_number, accounts.line AS accounts_line
FROM exact AS accounts
JOIN exact AS budget ON budget.department = accounts.department AND budget.region = accounts.region
    AND budget.fiscal_year = accounts.fiscal_year AND budget.code = accounts.code AND budget.scope = accounts.scope
WHERE accounts.kind = 'final_accounts' AND budget.kind = 'budget';
