-- A department's budget beside its final accounts of the same year, by function; a further script after analysis.sql.
-- A code that stands under several units is added up in whole 分, so that nothing is lost; one with an amount of less
-- than a 分, or beyond what SQLite adds exactly, is left out.
DROP VIEW budget_and_accounts;
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
