from pathlib import Path
import time
from django.core.files import File
from akeneo_jobs.models import StepWarning
from akeneo_jobs.testing import run
D=Path("/work/shared/data")
def go(code,path,**p):
    t=time.time()
    with open(path,"rb") as f: e=run(code,parameters={"file":File(f,name="x.csv"),**p})
    s=e.steps.get(); w=list(StepWarning.objects.filter(step__execution=e))
    print(code,e.status,s.counts,len(w),[(x.position,x.reason,x.field,x.code) for x in w[:4]],round(time.time()-t,2), getattr(e,'failure',None))
    return e
def test_all(db,tmp_path):
    for _ in 1,2: go("csv_product_import",D/"products_magento.csv")
    for fmt in "csv","xlsx":
        t=time.time()
        e=run(f"{fmt}_product_export",parameters={}); print(e.status,e.steps.get().counts,time.time()-t)
        f=e.files.get(role="output"); p=tmp_path/f.name; p.write_bytes(f.file.read())
        go(f"{fmt}_product_import",p)
    for _ in 1,2: go("csv_category_import",D/"categories_bestbuy.csv")
    from collections import Counter
    print(Counter((w.code) for w in StepWarning.objects.all()))
    assert 0
