-- Lots as they are after receipt, numbered from bench.first to bench.last: an item for every hundred,
-- an event each that brought it, a ledger row, a balance.
CREATE TEMP TABLE span ON COMMIT DROP AS
SELECT n, 'BL-' || lpad(n::text, 8, '0') AS number, gen_random_uuid() AS operation_id
FROM generate_series(current_setting('bench.first')::int, current_setting('bench.last')::int) n;

CREATE TEMP TABLE here ON COMMIT DROP AS
SELECT s.id AS site_id, u.id AS user_id,
       (SELECT id FROM masterdata_location WHERE site_id = s.id AND kind = 'supplier') AS source_id,
       (SELECT id FROM masterdata_location WHERE site_id = s.id AND kind = 'storage' ORDER BY id LIMIT 1) AS target_id
FROM accounts_site s, accounts_user u WHERE s.code = 'BENCH' AND u.username = 'ada';

INSERT INTO masterdata_item (row_version, code, name, name_zh, kind, tracking, unit, risk_class, sterile,
  implant_grade, storage, manufacturer, catalogue, certificate_required, inspection_required)
SELECT 1, 'BI-' || n / 100, 'Item ' || n / 100, '', 'product', 'lot', 'pc', '', false,
  false, '', '', '', false, false
FROM span WHERE n % 100 = 0 OR n = 1;

INSERT INTO traceability_lot (row_version, item_id, kind, number, supplier_lot, udi_pi, site_id, state,
  manufactured_on, expires_on, created_at)
SELECT 1, i.id, 'lot', s.number, '', '', h.site_id, (ARRAY['released', 'quarantine', 'rejected'])[1 + n % 3],
  DATE '2026-01-01' + n % 200, CASE WHEN n % 4 > 0 THEN DATE '2028-01-01' + n % 700 END, now()
FROM span s CROSS JOIN here h JOIN masterdata_item i ON i.code = 'BI-' || s.n / 100;

INSERT INTO traceability_traceevent (kind, action, biz_step, disposition, event_time, zone_offset, record_time,
  site_id, location_id, performed_by_id, operation_id, precision, note)
SELECT 'object', 'ADD', 'receiving', '', TIMESTAMPTZ '2026-01-01 08:00Z' + n * INTERVAL '1 minute', '+00:00', now(),
  h.site_id, h.target_id, h.user_id, s.operation_id, 'lot', ''
FROM span s CROSS JOIN here h;

INSERT INTO traceability_eventoutput (event_id, lot_id, quantity)
SELECT e.id, l.id, 100
FROM span s JOIN traceability_traceevent e ON e.operation_id = s.operation_id
JOIN traceability_lot l ON l.number = s.number;

INSERT INTO inventory_stockmove (event_id, lot_id, quantity, from_location_id, from_status, to_location_id, to_status)
SELECT e.id, l.id, 100, h.source_id, '', h.target_id, CASE l.state WHEN 'released' THEN 'available' ELSE 'quarantine' END
FROM span s CROSS JOIN here h JOIN traceability_traceevent e ON e.operation_id = s.operation_id
JOIN traceability_lot l ON l.number = s.number;

INSERT INTO audit_operationlog (id, code, at, actor_id, actor_name, channel, request_id, reason, site_id,
  subject_model, subject_pk, subject_label, input, notes)
SELECT s.operation_id, 'procurement.receive_goods', now(), h.user_id, 'Ada', 'cli', '', '', h.site_id,
  'traceability.lot', l.id::text, l.number, '{}', '{}'
FROM span s CROSS JOIN here h JOIN traceability_lot l ON l.number = s.number;
