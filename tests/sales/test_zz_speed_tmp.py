import time
from decimal import Decimal
import pytest
from django.db import connection
from erp.masterdata.models import *
from erp.inventory.models import *
from erp.sales.queries import proposal
from tests.conftest import *
from tests.sales.builders import *
from tests.inventory.builders import *
from tests.production.builders import *
from traceability.models import Lot, TraceEvent
from erp.production.operations import report_production

def test_proposal_speed(ben, site):
    item=make_device("DE",tracking="both")
    lot=lot_in_stock(ben,site,item=item,quantity=1)
    ev=TraceEvent.objects.create(kind="object",biz_step="x",event_time="2026-01-01T00:00Z",site=site,performed_by=ben)
    for k in range(10):
        lots=Lot.objects.bulk_create([Lot(item=item,site=site,kind="serial",number=f"S{k}-{i}",state="released",expires_on=days(100+k)) for i in range(5000)])
        StockMove.objects.bulk_create([StockMove(event=ev,lot=l,quantity=1,from_location=place(site,"supplier"),to_location=place(site,"storage"),to_status="available") for l in lots])
    with connection.cursor() as c: c.execute("ANALYZE")
    order=ordered(ben,site,item,quantity=20)
    t=time.time(); w=proposal(order); print("PROPOSAL 50k units", time.time()-t, len(w))
    t=time.time(); w=proposal(order); print("PROPOSAL again", time.time()-t, len(w))

def test_report_speed(ben, site):
    count=1000
    parts=[make_item() for _ in range(5)]
    order=started(ben,site,make_product(*parts),quantity=count)
    lots=[lot_in_stock(ben,site,item=i,quantity=count) for i in parts]
    for l in lots: issue(ben,order,l,count)
    units=serials(count)
    for u in units: u["components"]=used(*((l,1) for l in lots))
    ctx=ctx_for(ben)
    from django.test.utils import CaptureQueriesContext
    t=time.time()
    with CaptureQueriesContext(connection) as cap:
        report_production(ctx,work_order_id=order.pk,units=units)
    print("REPORT 1000x5", time.time()-t, "queries", len(cap))
    for q in cap.captured_queries:
        if float(q["time"])>0.03: print(q["time"], q["sql"][:90].replace("\n"," "))
    import cProfile
